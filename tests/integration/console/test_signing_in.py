"""Coming in, staying in and going out of the console."""

from console_site import PASSWORD, ConsoleSite

from gateway.domain.staff import Role


async def test_the_root_leads_to_the_form_and_from_there_to_the_first_page(
    site: ConsoleSite,
) -> None:
    await site.add("thu", Role.ADMIN)
    browser = site.browser()
    assert (await browser.get("/")).location == "/console/"
    asked = await browser.get("/console/")
    assert (asked.status, asked.location) == (303, "/console/sign-in?next=/console/")
    entered = await browser.sign_in("thu", next="/console/")
    assert (entered.status, entered.location) == (303, "/console/")
    assert (await browser.get("/console/")).location == "/console/users"
    assert (await browser.get("/console/users")).status == 200


async def test_a_wrong_password_is_answered_like_a_wrong_name(site: ConsoleSite) -> None:
    await site.add("thu", Role.VIEWER)
    browser = site.browser()
    texts = []
    for name, password in (("thu", "không phải mật khẩu này"), ("nobody", PASSWORD)):
        answer = await browser.sign_in(name, password)
        assert answer.status == 422
        assert f'value="{name}"' in answer.text
        texts.append(answer.text.replace(name, "…").replace(browser.token, "…"))
    assert texts[0] == texts[1]
