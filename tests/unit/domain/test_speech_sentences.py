"""Sentences of this product, each with its reading written by hand and the rule that it shows."""

import pytest
from spoken import SHIPPED

from gateway.domain.speech import read_aloud

ADDRESSES = [
    (
        "số 12A/3 đường Lê Lợi, KP.2, P. Tân Phú, TX. Bình Long",
        "số mười hai A trên ba đường Lê Lợi, khu phố hai, phường Tân Phú, thị xã Bình Long",
        "an address: the stroke of a house number is trên",
    ),
    (
        "số 125/4/7 Hùng Vương",
        "số một trăm hai mươi lăm trên bốn trên bảy Hùng Vương",
        "two strokes",
    ),
    ("Số 45, hẻm 12, ấp 3", "Số bốn mươi lăm, hẻm mười hai, ấp ba", "lăm after mươi"),
    ("12B Trần Phú", "mười hai bê Trần Phú", "a consonant has its name"),
    ("nhà 7/15 tổ 4", "nhà bảy trên mười lăm tổ bốn", "a house number is no date"),
    (
        "KP2, TT. Thanh Bình",
        "khu phố hai, thị trấn Thanh Bình",
        "an abbreviation glued to a figure",
    ),
    ("khu phố 5, phường Tân Bình", "khu phố năm, phường Tân Bình", "plain words and a figure"),
    ("Lô B2, KCN Chơn Thành", "Lô bê hai, khu công nghiệp Chơn Thành", "a lot"),
    ("lô C10-C11", "lô xê mười, xê mười một", "a hyphen between letters and figures pauses"),
    ("QL14", "quốc lộ mười bốn", "two figures of a road are a number"),
    ("QL 13, ĐT 741", "quốc lộ mười ba, đường tỉnh bảy bốn một", "a road with a space"),
    ("QL14C", "quốc lộ mười bốn xê", "a road with a letter"),
    ("ĐT755B", "đường tỉnh bảy năm năm bê", "three figures of a road one by one"),
    ("Km 12 QL14", "ki lô mét mười hai quốc lộ mười bốn", "a kilometre stone"),
    ("đường 30/4", "đường ba mươi tháng tư", "a street named for a day"),
    ("Đường 3/2, Q.10", "Đường ba tháng hai, quận mười", "a street named for a day"),
    ("quảng trường 23/3", "quảng trường hai mươi ba tháng ba", "a square named for a day"),
    ("H. Bù Đốp, T. Bình Phước", "huyện Bù Đốp, tỉnh Bình Phước", "dotted kinds of places"),
    ("TX Phước Long", "thị xã Phước Long", "without its dot"),
    ("TP Đồng Xoài", "thành phố Đồng Xoài", "without its dot"),
    ("TP. Đồng Nai", "thành phố Đồng Nai", "with its dot"),
    ("X. Thiện Hưng", "xã Thiện Hưng", "xã"),
    ("Đ. Nguyễn Huệ", "đường Nguyễn Huệ", "đường"),
    (
        "thửa 105, tờ bản đồ số 21",
        "thửa một trăm lẻ năm, tờ bản đồ số hai mươi mốt",
        "a plot of land",
    ),
    ("tầng 1 - nhà B", "tầng một, nhà bê", "a dash between words pauses"),
    ("Bà Rịa - Vũng Tàu", "Bà Rịa, Vũng Tàu", "a spaced dash pauses"),
    ("Bà Rịa-Vũng Tàu", "Bà Rịa Vũng Tàu", "a hyphen is silent"),
    ("TDP 5, P.Tiến Thành", "tổ dân phố năm, phường Tiến Thành", "tổ dân phố"),
]

HOURS = [
    ("7:00–11:30", "bảy giờ đến mười một giờ ba mươi phút", "an en dash between hours is đến"),
    ("13h30-17h00", "mười ba giờ ba mươi phút đến mười bảy giờ", "hours with h"),
    ("7h-11h30", "bảy giờ đến mười một giờ ba mươi phút", "a full hour before a dash"),
    ("7g30 – 11g", "bảy giờ ba mươi phút đến mười một giờ", "g is giờ in the South"),
    ("từ 7 giờ 30 đến 11 giờ", "từ bảy giờ ba mươi phút đến mười một giờ", "giờ written out"),
    ("7h30'", "bảy giờ ba mươi phút", "a prime is silent"),
    ("07h05", "bảy giờ năm phút", "no zero in front"),
    ("0h", "không giờ", "midnight"),
    ("24/24h", "hai mươi tư trên hai mươi tư giờ", "around the clock"),
    (
        "Sáng: 7:00-11:30; chiều: 13:30-17:00.",
        "Sáng: bảy giờ đến mười một giờ ba mươi phút; "
        "chiều: mười ba giờ ba mươi phút đến mười bảy giờ.",
        "both halves of a day",
    ),
    ("thứ Hai đến thứ Sáu", "thứ Hai đến thứ Sáu", "words stay"),
    ("T2–T6", "thứ hai đến thứ sáu", "short weekdays"),
    ("T2, T4 và T6", "thứ hai, thứ tư và thứ sáu", "T4 is tư"),
    ("Thứ 2 - Thứ 7", "thứ hai đến thứ bảy", "a range with spaces"),
    ("thứ 2-6", "thứ hai đến thứ sáu", "thứ is said twice"),
    ("T2-CN", "thứ hai đến chủ nhật", "to Sunday"),
    ("nghỉ T7, CN", "nghỉ thứ bảy, chủ nhật", "the weekend"),
    ("lần thứ 1", "lần thứ nhất", "the first is nhất"),
    ("lần thứ 4", "lần thứ tư", "the fourth is tư"),
    ("lần thứ 10", "lần thứ mười", "other ordinals are numbers"),
    (
        "thứ Hai đến thứ Sáu 7:00–11:30, 13:30–17:00; thứ Bảy 7:00–11:30",
        "thứ Hai đến thứ Sáu bảy giờ đến mười một giờ ba mươi phút, "
        "mười ba giờ ba mươi phút đến mười bảy giờ; thứ Bảy bảy giờ đến mười một giờ ba mươi phút",
        "opening hours as our texts write them",
    ),
    ("8 giờ 15 phút ngày 05/3", "tám giờ mười lăm phút ngày năm tháng ba", "an hour and a day"),
    ("23:59", "hai mươi ba giờ năm mươi chín phút", "late"),
    ("tỷ lệ 1:500", "tỷ lệ một: năm trăm", "a scale is no time"),
]

DATES = [
    (
        "25/11/2026",
        "ngày hai mươi lăm tháng mười một năm hai nghìn không trăm hai mươi sáu",
        "ngày is added",
    ),
    ("ngày 05/3", "ngày năm tháng ba", "an official zero is silent"),
    (
        "từ 01/12 đến 15/12/2026",
        "từ ngày một tháng mười hai đến ngày mười lăm tháng mười hai năm "
        "hai nghìn không trăm hai mươi sáu",
        "a range of days",
    ),
    ("từ 05/03 đến ngày 06/03", "từ ngày năm tháng ba đến ngày sáu tháng ba", "zeros make a date"),
    (
        "từ ngày 01 - 15/12/2026",
        "từ ngày một đến ngày mười lăm tháng mười hai năm hai nghìn không trăm hai mươi sáu",
        "two days of one month",
    ),
    ("trước 25/11", "trước ngày hai mươi lăm tháng mười một", "a day after trước"),
    ("chiều 4/4", "chiều ngày bốn tháng tư", "day four is bốn, month four is tư"),
    ("lễ 30/4, 1/5", "lễ ngày ba mươi tháng tư, ngày một tháng năm", "days in a row"),
    ("ngày 30/4 và 1/5", "ngày ba mươi tháng tư và ngày một tháng năm", "days in a row"),
    ("10/3 - 15/3", "ngày mười tháng ba đến ngày mười lăm tháng ba", "a range makes them days"),
    ("1/2 diện tích", "một trên hai diện tích", "a fraction"),
    ("2/3 số hộ", "hai trên ba số hộ", "a fraction"),
    (
        "25-11-2026",
        "ngày hai mươi lăm tháng mười một năm hai nghìn không trăm hai mươi sáu",
        "dashes",
    ),
    (
        "25.11.2026",
        "ngày hai mươi lăm tháng mười một năm hai nghìn không trăm hai mươi sáu",
        "dots",
    ),
    (
        "2026-11-05",
        "ngày năm tháng mười một năm hai nghìn không trăm hai mươi sáu",
        "the order of machines",
    ),
    ("05/11/26", "ngày năm tháng mười một năm hai nghìn không trăm hai mươi sáu", "a short year"),
    ("tháng 11/2026", "tháng mười một năm hai nghìn không trăm hai mươi sáu", "a month"),
    ("tháng 4-2026", "tháng tư năm hai nghìn không trăm hai mươi sáu", "a month with a dash"),
    ("trong 10/2026", "trong tháng mười năm hai nghìn không trăm hai mươi sáu", "tháng is added"),
    (
        "thứ Hai, 25/11/2024",
        "thứ Hai, ngày hai mươi lăm tháng mười một năm hai nghìn không trăm hai mươi tư",
        "a weekday and its date",
    ),
    ("thứ 4, ngày 01/4", "thứ tư, ngày một tháng tư", "tư twice, một once"),
    ("thứ Sáu, 21/11", "thứ Sáu, ngày hai mươi mốt tháng mười một", "a day after its weekday"),
    ("quý IV/2026", "quý bốn năm hai nghìn không trăm hai mươi sáu", "a quarter of a year"),
    (
        "giai đoạn 2021-2026",
        "giai đoạn hai nghìn không trăm hai mươi mốt đến hai nghìn không trăm hai mươi sáu",
        "a range of years",
    ),
    ("năm 1975", "năm một nghìn chín trăm bảy mươi lăm", "bảy mươi lăm"),
    ("năm 2004", "năm hai nghìn không trăm lẻ bốn", "bốn after lẻ"),
    ("năm 2010", "năm hai nghìn không trăm mười", "mười alone"),
    (
        "30/02/2026",
        "ba không, gạch chéo không hai, gạch chéo hai không hai sáu",
        "there is no such day",
    ),
]

SUMS = [
    ("50.000 đồng", "năm mươi nghìn đồng", "dots part thousands"),
    ("1.250.000đ", "một triệu hai trăm năm mươi nghìn đồng", "đ is đồng"),
    ("1.250.000 VNĐ", "một triệu hai trăm năm mươi nghìn đồng", "VNĐ is đồng"),
    ("2,5 triệu đồng", "hai phẩy năm triệu đồng", "a comma is phẩy"),
    ("2.5 triệu đồng", "hai phẩy năm triệu đồng", "a dot before triệu can only be a comma"),
    ("1,05 tỷ đồng", "một phẩy không năm tỷ đồng", "a zero after the comma is said"),
    ("500.000,00 đồng", "năm trăm nghìn đồng", "no part of a đồng is said"),
    ("1 250 000 đồng", "một triệu hai trăm năm mươi nghìn đồng", "spaces part thousands of money"),
    ("5.000 đồng/bản", "năm nghìn đồng một bản", "a stroke after money is một"),
    ("50.000đ/lần", "năm mươi nghìn đồng một lần", "a stroke after money is một"),
    ("20.000 đồng/m2", "hai mươi nghìn đồng một mét vuông", "a price per unit"),
    ("105.000 đồng", "một trăm lẻ năm nghìn đồng", "lẻ before nghìn"),
    ("1.015.000 đồng", "một triệu không trăm mười lăm nghìn đồng", "không trăm before nghìn"),
    (
        "21.001.004 đồng",
        "hai mươi mốt triệu không trăm lẻ một nghìn không trăm lẻ bốn đồng",
        "mốt before triệu, một and bốn after lẻ",
    ),
    ("từ 50.000đ - 100.000đ", "từ năm mươi nghìn đồng đến một trăm nghìn đồng", "a range of sums"),
    ("0 đồng", "không đồng", "no fee"),
    ("3 tỷ 200 triệu", "ba tỷ hai trăm triệu", "words and figures"),
    ("12.000.000.000 đồng", "mười hai tỷ đồng", "milliards"),
    ("5tr", "năm triệu", "a short million"),
    ("10 USD", "mười đô la Mỹ", "another money"),
]

QUANTITIES = [
    ("12,5%", "mười hai phẩy năm phần trăm", "a comma is phẩy"),
    ("12.5%", "mười hai phẩy năm phần trăm", "a dot before two figures and % is a comma"),
    ("10-15%", "mười đến mười lăm phần trăm", "a range"),
    ("-2,5%", "âm hai phẩy năm phần trăm", "minus"),
    ("±5%", "cộng trừ năm phần trăm", "more or less"),
    ("5‰", "năm phần nghìn", "per thousand"),
    ("100m²", "một trăm mét vuông", "an area with its sign"),
    ("1.250,5 m2", "một nghìn hai trăm năm mươi phẩy năm mét vuông", "thousands and a comma"),
    ("3 m³", "ba mét khối", "a volume"),
    ("2,5 ha", "hai phẩy năm héc ta", "héc ta"),
    ("15 km", "mười lăm ki lô mét", "ki lô mét"),
    ("5km2", "năm ki lô mét vuông", "the longest unit wins"),
    ("40 km/h", "bốn mươi ki lô mét trên giờ", "speed"),
    ("21 kg", "hai mươi mốt ki lô gam", "mốt before a unit"),
    ("5 cm x 7 cm", "năm xen ti mét nhân bảy xen ti mét", "x between figures is nhân"),
    ("ảnh 3x4", "ảnh ba nhân bốn", "x between figures is nhân"),
    ("4 x 6 cm", "bốn nhân sáu xen ti mét", "x with spaces"),
    ("37°C", "ba mươi bảy độ xê", "degrees"),
    ("10 MB", "mười mê ga bai", "the size of a file"),
    ("220V", "hai trăm hai mươi vôn", "volt"),
    ("từ 3–5 ngày làm việc", "từ ba đến năm ngày làm việc", "a range of days"),
    ("24/24", "hai mươi tư trên hai mươi tư", "tư after mươi"),
    ("½", "một trên hai", "a fraction of one letter"),
    ("02 bản sao", "hai bản sao", "an official zero is silent"),
    ("105 hồ sơ", "một trăm lẻ năm hồ sơ", "lẻ"),
    ("1.204 hồ sơ", "một nghìn hai trăm lẻ bốn hồ sơ", "bốn after lẻ"),
    ("mục 2.3.1", "mục hai chấm ba chấm một", "dots between figures"),
    ("-5", "âm năm", "minus"),
    ("< 5", "nhỏ hơn năm", "less"),
    (">= 5", "lớn hơn hoặc bằng năm", "not less"),
]

DOCUMENTS = [
    (
        "QĐ 123/QĐ-UBND",
        "quyết định một trăm hai mươi ba, của ủy ban nhân dân",
        "the kind is said once",
    ),
    (
        "Nghị định 61/2018/NĐ-CP",
        "Nghị định sáu mươi mốt, năm hai nghìn không trăm mười tám, của Chính phủ",
        "CP is Chính phủ here",
    ),
    (
        "theo 61/2018/NĐ-CP",
        "theo nghị định sáu mươi mốt, năm hai nghìn không trăm mười tám, của Chính phủ",
        "the kind is said where it is not written",
    ),
    (
        "Quyết định số 20/2020/QĐ-TTg",
        "Quyết định số hai mươi, năm hai nghìn không trăm hai mươi, của Thủ tướng Chính phủ",
        "the Prime Minister",
    ),
    (
        "Thông tư 03/2025/TT-VPCP",
        "Thông tư ba, năm hai nghìn không trăm hai mươi lăm, của văn phòng Chính phủ",
        "an official zero is silent",
    ),
    (
        "Luật 91/2025/QH15",
        "Luật chín mươi mốt, năm hai nghìn không trăm hai mươi lăm, của Quốc hội khóa mười lăm",
        "the National Assembly by its term",
    ),
    (
        "Nghị quyết 1662/NQ-UBTVQH15",
        "Nghị quyết một nghìn sáu trăm sáu mươi hai, của Ủy ban Thường vụ Quốc hội khóa mười lăm",
        "its standing committee",
    ),
    (
        "số 123/QĐ-UBND ngày 05/3/2026",
        "số một trăm hai mươi ba, của ủy ban nhân dân, ngày năm tháng ba "
        "năm hai nghìn không trăm hai mươi sáu",
        "a decision and its day",
    ),
    (
        "Công văn 1747/UBND-NC",
        "Công văn một nghìn bảy trăm bốn mươi bảy, ủy ban nhân dân en nờ xê",
        "a letter names its office, not a kind",
    ),
    (
        "Nghị định 118/2025",
        "Nghị định một trăm mười tám, năm hai nghìn không trăm hai mươi lăm",
        "no issuer",
    ),
    (
        "hợp đồng số 15/2024",
        "hợp đồng số mười lăm, năm hai nghìn không trăm hai mươi tư",
        "after số a year",
    ),
    ("Điều 5, khoản 2, điểm đ", "Điều năm, khoản hai, điểm đê", "a letter has its name"),
    ("Mẫu 04/ĐK", "Mẫu bốn, đê ca", "a form"),
    ("Chương III", "Chương ba", "a Roman ordinal"),
    ("khoá XV", "khoá mười lăm", "the newer place of the mark"),
    ("Quốc hội khóa XVI", "Quốc hội khóa mười sáu", "a larger Roman ordinal"),
    ("thế kỷ XXI", "thế kỷ hai mươi mốt", "mốt in a Roman ordinal"),
    ("khu vực I", "khu vực một", "one letter after its noun"),
    ("phụ lục VI", "phụ lục sáu", "VI after its noun"),
    ("LÊ THỊ VI", "Lê Thị Vi", "VI elsewhere is a name"),
    ("đợt IV", "đợt bốn", "tư and bốn: an ordinal alone is bốn"),
]

CODES = [
    (
        "mã 000.00.12.H10-240521-0001",
        "mã, không không không, chấm không không, chấm một hai, chấm hát một không, "
        "gạch ngang hai bốn không, năm hai một, gạch ngang không không không một",
        "a dossier code figure by figure",
    ),
    (
        "H10.12-241125-0017",
        "hát một không, chấm một hai, gạch ngang hai bốn một, một hai năm, "
        "gạch ngang không không một bảy",
        "the short form",
    ),
    (
        "thủ tục 1.001612",
        "thủ tục, một, chấm không không một, sáu một hai",
        "a procedure's code",
    ),
    ("đơn vị H10.12", "đơn vị, hát một không, chấm một hai", "a unit's code"),
    (
        "CCCD 079185001234",
        "căn cước công dân không bảy chín một, tám năm không không, một hai ba bốn",
        "twelve figures are 4-4-4",
    ),
    (
        "CCCD 079 185 001 234",
        "căn cước công dân không bảy chín, một tám năm, không không một, hai ba bốn",
        "figures in groups are an identifier",
    ),
    ("xe 93A-123.45", "xe, chín ba a, một hai ba, bốn năm", "a number plate"),
    ("xe 93P1-4567", "xe, chín ba pê một, bốn năm sáu bảy", "a number plate of four figures"),
    ("biên lai 0012345", "biên lai không không một hai, ba bốn năm", "zeros in front"),
    (
        "MST 3800123456",
        "mã số thuế ba tám không không, một hai ba, bốn năm sáu",
        "ten figures 4-3-3",
    ),
    ("hạng A1, B2", "hạng a một, bê hai", "classes of a licence"),
    ("số thứ tự 105", "số thứ tự một trăm lẻ năm", "a short number is a number"),
]

PHONES = [
    ("gọi 1022", "gọi một không hai hai", "the hotline"),
    ("1800 1096", "một tám không không, một không chín sáu", "eight figures are 4-4"),
    ("1900.6789", "một chín không không, sáu bảy tám chín", "with a dot"),
    ("+84 271 3568 123", "không hai bảy một, ba năm sáu tám, một hai ba", "+84 is dialled as 0"),
    ("(0271) 3568 123", "không hai bảy một, ba năm sáu tám, một hai ba", "brackets round the area"),
    ("(+84) 986 765 321", "không chín tám sáu, bảy sáu năm, ba hai một", "brackets round +84"),
    ("0084 986765321", "không chín tám sáu, bảy sáu năm, ba hai một", "0084 is dialled as 0"),
    (
        "0986765321/0271.3568.123",
        "không chín tám sáu, bảy sáu năm, ba hai một, "
        "không hai bảy một, ba năm sáu tám, một hai ba",
        "a stroke between phones pauses",
    ),
    ("0251 1022", "không hai năm một, một không hai hai", "the hotline from afar"),
    (
        "0166 123 4567",
        "không một sáu sáu, một hai ba bốn, năm sáu bảy",
        "an old number of 11 figures",
    ),
    ("gọi 113", "gọi một một ba", "the police"),
    ("máy lẻ 105", "máy lẻ một không năm", "an extension"),
    (
        "SĐT: 0986.765.321",
        "số điện thoại: không chín tám sáu, bảy sáu năm, ba hai một",
        "an abbreviation",
    ),
    ("bấm phím 1", "bấm phím một", "a key"),
    ("phím #", "phím thăng", "the hash key"),
    ("phím *", "phím sao", "the star key"),
]

NAMES = [
    ("NGUYỄN THỊ MINH ÁNH", "Nguyễn Thị Minh Ánh", "capitals that are syllables are a name"),
    ("ĐIỂU K'RỨ", "Điểu K'Rứ", "a S'tiêng name in capitals"),
    ("H'HEN NIÊ", "H'Hen Niê", "an Ê-đê name in capitals"),
    ("người S’tiêng", "người S'tiêng", "a typographic apostrophe"),
    ("Y BLÔ ÊBAN", "Y Blô Êban", "a marked vowel is not an abbreviation"),
    ("ông Nguyễn Văn A", "ông Nguyễn Văn A", "a vowel as a name"),
    ("KHUẤT QUỲNH GIANG", "Khuất Quỳnh Giang", "qu and gi begin syllables"),
    ("NGOẰN NGOÈO KHUỶU", "Ngoằn Ngoèo Khuỷu", "three vowels"),
    (
        "Công ty TNHH MTV Sao Mai",
        "Công ty trách nhiệm hữu hạn một thành viên Sao Mai",
        "an enterprise",
    ),
    ("CTY CP XD ABC", "công ty cổ phần xây dựng a bê xê", "an enterprise in capitals"),
    ("HTX Bù Gia Mập", "hợp tác xã Bù Gia Mập", "a cooperative"),
    ("hoà và hòa", "hoà và hòa", "both places of the mark stay"),
    ("thuỷ lợi, thủy lợi", "thuỷ lợi, thủy lợi", "both places of the mark stay"),
    ("Ông/Bà Điểu Thị Búp", "ông bà Điểu Thị Búp", "a pair"),
    ("ÔNG/BÀ", "ông bà", "a pair in capitals"),
    ("anh/chị", "anh chị", "a pair"),
    ("Ông (bà)", "Ông, bà", "brackets pause"),
]

OFFICES = [
    ("TTPVHCC", "trung tâm phục vụ hành chính công", "the centre"),
    (
        "Trung tâm HCC huyện Bù Đốp",
        "Trung tâm hành chính công huyện Bù Đốp",
        "as our texts write it",
    ),
    ("UBND TX. Bình Long", "ủy ban nhân dân thị xã Bình Long", "two abbreviations"),
    ("HĐND-UBND", "hội đồng nhân dân ủy ban nhân dân", "joined by a hyphen"),
    ("Sở NN&MT", "Sở nông nghiệp và môi trường", "an ampersand inside"),
    ("Phòng LĐ-TB&XH", "Phòng lao động, thương binh và xã hội", "a hyphen and an ampersand"),
    ("CA xã Thanh Hòa", "công an xã Thanh Hòa", "CA before a place"),
    ("GPLX hạng B2", "giấy phép lái xe hạng bê hai", "a licence"),
    ("GCN QSDĐ", "giấy chứng nhận quyền sử dụng đất", "two papers"),
    ("BHXH, BHYT", "bảo hiểm xã hội, bảo hiểm y tế", "insurances"),
    ("CCCD/CMND", "căn cước công dân, chứng minh nhân dân", "a stroke between words pauses"),
    ("tài khoản VNeID", "tài khoản vê en nờ e ai đi", "the e-ID"),
    ("hệ thống iGate", "hệ thống ai ghết", "a foreign name with its own reading"),
    ("Zalo", "da lô", "a foreign name with its own reading"),
    ("THPT Lộc Ninh", "trung học phổ thông Lộc Ninh", "a school"),
    ("VNPT", "vê en nờ pê tê", "no vowel: spelled"),
    ("SMS", "ét sì em mờ ét sì", "no vowel: spelled"),
    ("gplx", "giê pê e lờ ích xì", "small letters without a vowel are spelled"),
    ("ThS, BS", "thạc sĩ, bác sĩ", "degrees"),
    ("v/v cấp đổi", "về việc cấp đổi", "a clerk's stroke"),
    ("giấy tờ, v.v.", "giấy tờ, vân vân.", "and so on"),
]

SIGNS = [
    ("A & B", "A và bê", "an ampersand is và"),
    ("“Một cửa”, 'một cửa' và \"một cửa\"", "Một cửa, một cửa và một cửa", "quotes are silent"),
    ("giấy hẹn (bản chính)", "giấy hẹn, bản chính", "brackets pause"),
    ("[lưu ý] đọc kỹ", "lưu ý, đọc kỹ", "square brackets pause"),
    ("Xin chờ… Cảm ơn", "Xin chờ. Cảm ơn", "an ellipsis ends"),
    ("Xin chào!!!", "Xin chào!", "one mark is enough"),
    ("Đúng không?!", "Đúng không?", "the first strong mark stays"),
    ("Đã xong 🎉✅.", "Đã xong.", "emoji are dropped"),
    ("1️⃣ Nộp", "một Nộp", "a figure in a box"),
    ("① Nộp", "một Nộp", "a figure in a circle"),
    ("hồ\u200b sơ\u200d", "hồ sơ", "nothing invisible"),
    ("so\u0302\u0301 5", "số năm", "decomposed letters"),
    ("hồ\u00a0sơ\u00a05", "hồ sơ năm", "fixed spaces"),
    ("hồ   sơ \t 5", "hồ sơ năm", "many spaces"),
    (
        "Hồ sơ gồm:\n- CCCD\n- GPLX",
        "Hồ sơ gồm: căn cước công dân. giấy phép lái xe",
        "a list in lines",
    ),
    ("• Tờ khai", "Tờ khai", "a bullet is silent"),
    ("a) tờ khai; b) bản sao", "a, tờ khai; bê, bản sao", "lettered points"),
    ("Xin chào.Hẹn gặp lại", "Xin chào. Hẹn gặp lại", "a missing space after a sentence"),
    ("và/hoặc", "và hoặc", "a pair of words"),
    ("nộp/nhận", "nộp, nhận", "a stroke pauses"),
    ("１２ ngày", "mười hai ngày", "full-width figures"),
    ("...", "", "nothing to say"),
]

ONLINE = [
    (
        "hcc@budop.gov.vn",
        "hát xê xê a còng bu dop chấm giê o vê chấm vê en nờ",
        "an address: readable syllables are read, the rest is spelled",
    ),
    ("dichvucong.gov.vn", "dich vu cong chấm giê o vê chấm vê en nờ", "syllables run together"),
    (
        "https://dichvucong.gov.vn/",
        "dich vu cong chấm giê o vê chấm vê en nờ",
        "no protocol is said",
    ),
    (
        "www.binhphuoc.gov.vn/tin-tuc",
        "vê kép vê kép vê kép chấm binh phuoc chấm giê o vê chấm vê en nờ "
        "gạch chéo tin gạch ngang tuc",
        "its path",
    ),
    ("lan_95@gmail.com", "lan gạch dưới chín năm a còng gmail chấm com", "figures one by one"),
    ("email", "i meo", "a foreign word of offices"),
    ("Wi-Fi miễn phí", "goai phai miễn phí", "a foreign word of offices"),
    ("Samsung, Toyota", "Samsung, Toyota", "a foreign word that can be read stays"),
    ("COVID-19", "Covid mười chín", "capitals that can be read, a silent hyphen"),
    ("UNESCO", "Unesco", "long capitals with vowels are read"),
    ("mã QR", "mã quy e rờ", "no vowel: spelled"),
]


AS_CLERKS_WRITE = [
    ("Ông Điểu Sang, SN 1968", "Ông Điểu Sang, sinh năm một nghìn chín trăm sáu mươi tám", "SN"),
    ("hai (02) bản", "hai bản", "figures that repeat the words are silent"),
    ("mười lăm (15) ngày", "mười lăm ngày", "they repeat the last word"),
    ("hai (03) bản", "hai, ba, bản", "figures that do not repeat the words are said"),
    ("Giấy số BK 123456", "Giấy số bê ca một hai ba, bốn năm sáu", "a serial number is spelled"),
    ("Hộ chiếu C1234567", "Hộ chiếu xê một hai ba bốn, năm sáu bảy", "a passport"),
    ("seri AA 01234567", "seri a a không một hai ba, bốn năm sáu bảy", "AA is no syllable"),
    ("tờ BĐ 34, DT 250m2", "tờ bản đồ ba mươi tư, diện tích hai trăm năm mươi mét vuông", "land"),
    ("căn hộ A12-05", "căn hộ a mười hai, năm", "a flat is no range"),
    (
        "Nghị quyết số 60-NQ/TW",
        "Nghị quyết số sáu mươi, của trung ương",
        "the party writes its numbers otherwise",
    ),
    (
        "Thông tư liên tịch 88/2016/TTLT-BTC-BTP",
        "Thông tư liên tịch tám mươi tám, năm hai nghìn không trăm mười sáu, "
        "của bộ tài chính và bộ tư pháp",
        "two issuers",
    ),
    ("7.30-11.30", "bảy giờ ba mươi phút đến mười một giờ ba mươi phút", "hours with dots"),
    ("1.5 - 2 triệu", "một phẩy năm đến hai triệu", "a dot before triệu, in a range"),
    ("10,000 người", "mười nghìn người", "a comma before three zeros parts thousands"),
    ("10,125 km", "mười phẩy một hai năm ki lô mét", "another comma is phẩy"),
    ("Bà K' Sa, chị H’ Lan", "Bà K'Sa, chị H'Lan", "a name written apart"),
    ("Nguyễn T.H. Nhung", "Nguyễn tê hát Nhung", "initials are no kinds of places"),
    (
        "0986765321 - 0912345678",
        "không chín tám sáu, bảy sáu năm, ba hai một, không chín một hai, ba bốn năm, sáu bảy tám",
        "a dash between phones pauses",
    ),
    ("ngày 1 và 2/12", "ngày một và hai tháng mười hai", "days that share their month"),
    (
        "ngày 25, 26 và 27/11",
        "ngày hai mươi lăm, hai mươi sáu và hai mươi bảy tháng mười một",
        "days that share their month",
    ),
    ("từ 1-5/12", "từ ngày một đến năm tháng mười hai", "days that share their month"),
    (
        "sáng 25/11, chiều 26/11",
        "sáng ngày hai mươi lăm tháng mười một, chiều ngày hai mươi sáu tháng mười một",
        "each after its word",
    ),
    ("Quốc khánh 2/9", "Quốc khánh ngày hai tháng chín", "a holiday is a day"),
    ("T.2 - T.6", "thứ hai đến thứ sáu", "short weekdays with dots"),
    ("T2-6", "thứ hai đến thứ sáu", "thứ is said twice"),
    ("quý 3/2026", "quý ba năm hai nghìn không trăm hai mươi sáu", "a quarter is no month"),
    (
        "HTX Phú Riềng - CN Bù Đốp",
        "hợp tác xã Phú Riềng, chi nhánh Bù Đốp",
        "CN before a name is a branch",
    ),
    ("CNTT, CSDL", "công nghệ thông tin, cơ sở dữ liệu", "offices' own words"),
    ("RAH LAN, SIU BLEH", "Rah Lan, Siu Bleh", "highland names may end in h"),
    ("BQLDX", "bê quy e lờ dê ích xì", "four consonants in a row are spelled"),
    ("5*3", "năm nhân ba", "a star between figures"),
    ("từ 8-10 giờ", "từ tám đến mười giờ", "a range before giờ"),
    ("6h-6h30", "sáu giờ đến sáu giờ ba mươi phút", "hours after a dash"),
    ("1.000 - 2.000 đồng", "một nghìn đến hai nghìn đồng", "a range of sums"),
    (
        "16 giờ 30 phút ngày 20 tháng 11 năm 2026",
        "mười sáu giờ ba mươi phút ngày hai mươi tháng mười một "
        "năm hai nghìn không trăm hai mươi sáu",
        "a date in words",
    ),
    ("khoản 1, 2, 3 Điều 10", "khoản một, hai, ba Điều mười", "a list of figures"),
    (
        "mã BNN-GLA-288055",
        "mã, bê en nờ en nờ, gạch ngang giê e lờ a, gạch ngang hai tám tám, không năm năm",
        "an old procedure code",
    ),
    ("0271-3568-123", "không hai bảy một, ba năm sáu tám, một hai ba", "a phone is no code"),
    ("lớp 12A1, khổ A4", "lớp mười hai a một, khổ a bốn", "letters between figures"),
    ("trước 17h 25/11", "trước mười bảy giờ ngày hai mươi lăm tháng mười một", "after an hour"),
    ("hạn 25/11", "hạn ngày hai mươi lăm tháng mười một", "after hạn"),
    (
        "T12/2026",
        "tháng mười hai năm hai nghìn không trăm hai mươi sáu",
        "T before a year is tháng",
    ),
    ("Q4/2026", "quý bốn năm hai nghìn không trăm hai mươi sáu", "Q before a year is quý"),
    ("VND 50.000", "năm mươi nghìn đồng", "the sum is said before its money"),
    ("$100", "một trăm đô la Mỹ", "the sum is said before its money"),
    ("cao 1m75", "cao một mét bảy mươi lăm", "metres and centimetres"),
    ("50.000đ/1 bản", "năm mươi nghìn đồng, một bản", "one is not said twice"),
    ("bước 1 => bước 2", "bước một, bước hai", "an arrow pauses"),
    ("GP 93/GP-SXD", "giấy phép chín mươi ba, của sở xây dựng", "a permit"),
    ("tỷ lệ 1/500", "tỷ lệ một trên năm trăm", "a scale"),
    ("cao 1,5m x 2m", "cao một phẩy năm mét nhân hai mét", "x between measures"),
    ("2 & 3", "hai và ba", "an ampersand between figures"),
    ("50-100 triệu đồng", "năm mươi đến một trăm triệu đồng", "a range of millions"),
    (
        "từ ngày 1/12 đến hết ngày 5/12/2026",
        "từ ngày một tháng mười hai đến hết ngày năm tháng mười hai "
        "năm hai nghìn không trăm hai mươi sáu",
        "ngày is not said twice",
    ),
    ("Võ Thị Sáu, bà Năm", "Võ Thị Sáu, bà Năm", "names that are numbers stay"),
    ("TRẦN THỊ Ê, ĐỖ ĐỨC Á", "Trần Thị Ê, Đỗ Đức Á", "a vowel with its mark is a name"),
    (
        "CTY TNHH MTV TM DV XD SAO MAI",
        "công ty trách nhiệm hữu hạn một thành viên thương mại dịch vụ xây dựng Sao Mai",
        "an enterprise as it is registered",
    ),
    ("THCS&THPT", "trung học cơ sở và trung học phổ thông", "two listed words and an ampersand"),
    ("-3 độ, +3", "âm ba độ, cộng ba", "signs before figures"),
    ("02713 568 123", "không hai bảy một, ba năm sáu tám, một hai ba", "other groups, same number"),
]

ALL = [
    *ADDRESSES, *HOURS, *DATES, *SUMS, *QUANTITIES, *DOCUMENTS, *CODES, *PHONES, *NAMES, *OFFICES,
    *SIGNS, *ONLINE, *AS_CLERKS_WRITE,
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said", "rule"),
    ALL,
)
def test_a_sentence_is_said_as_an_office_says_it(text: str, said: str, rule: str):
    assert read_aloud(text, SHIPPED) == said, rule


WHOLE_NOTICES = [
    (
        "Kính mời Ông/Bà đến nhận kết quả tại Trung tâm HCC huyện Bù Đốp, từ hôm nay, "
        "thứ Hai, 25/11/2024. Giờ làm việc: thứ Hai đến thứ Sáu 7:00–11:30, 13:30–17:00.",
        "Kính mời ông bà đến nhận kết quả tại Trung tâm hành chính công huyện Bù Đốp, từ hôm nay, "
        "thứ Hai, ngày hai mươi lăm tháng mười một năm hai nghìn không trăm hai mươi tư. "
        "Giờ làm việc: thứ Hai đến thứ Sáu bảy giờ đến mười một giờ ba mươi phút, "
        "mười ba giờ ba mươi phút đến mười bảy giờ.",
    ),
    (
        "Khi đến, xin mang theo giấy hẹn, CCCD và 135.000 đồng để nộp phí, lệ phí.",
        "Khi đến, xin mang theo giấy hẹn, căn cước công dân và một trăm ba mươi lăm nghìn đồng "
        "để nộp phí, lệ phí.",
    ),
    (
        "Hồ sơ thiếu: 02 ảnh 3x4, bản sao CCCD; nộp trước 17h ngày 05/3/2026 tại quầy số 4.",
        "Hồ sơ thiếu: hai ảnh ba nhân bốn, bản sao căn cước công dân; nộp trước mười bảy giờ "
        "ngày năm tháng ba năm hai nghìn không trăm hai mươi sáu tại quầy số bốn.",
    ),
    (
        "Để kiểm tra lại, xin gọi số (0271) 3568 123 hoặc 1022.",
        "Để kiểm tra lại, xin gọi số không hai bảy một, ba năm sáu tám, một hai ba "
        "hoặc một không hai hai.",
    ),
    (
        "Thửa đất 105, tờ bản đồ 21, diện tích 1.250,5 m2 tại ấp 4, xã Thiện Hưng.",
        "Thửa đất một trăm lẻ năm, tờ bản đồ hai mươi mốt, diện tích một nghìn hai trăm năm mươi "
        "phẩy năm mét vuông tại ấp bốn, xã Thiện Hưng.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WHOLE_NOTICES)
def test_a_whole_notice_sounds_like_an_announcement(text: str, said: str):
    assert read_aloud(text, SHIPPED) == said
