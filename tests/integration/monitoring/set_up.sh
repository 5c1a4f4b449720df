#!/bin/sh
# Puts promtool, which tries the rules of config/prometheus, beside the tests' Python: taken out of
# the distribution's package without installing that, for it would start a server. Never fails and
# never takes long; without promtool those tests skip and say so.
#   set_up.sh FOLDER
[ -x "$1/promtool" ] || command -v promtool >/dev/null 2>&1 && exit 0
command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || exit 0
echo "fetching promtool for the tests of alert rules, once"
target=$(cd "$1" && pwd) && work=$(mktemp -d) && chmod 755 "$work" && cd "$work" || exit 0
{
  [ "$(id -u)" = 0 ] && timeout 40 apt-get -qq update
  timeout 70 apt-get -qq download prometheus &&
    dpkg-deb --fsys-tarfile prometheus_*.deb | tar --extract --strip-components=3 ./usr/bin/promtool &&
    mv promtool "$target/promtool"
} >/dev/null 2>&1
rm -rf "$work"
exit 0
