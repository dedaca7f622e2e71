#!/bin/sh
# Makes the two packages in target/package: hub-VERSION-linux-ARCH.tar.gz and hub_VERSION_ARCH.deb.
#
# Both hold the same: the binary with OpenSSL, libpq and SQLite linked in (feature `portable`, so it asks the machine for
# a C library only), fonts with their licences, unit, examples, documents and the licence texts of everything linked.
# Nothing is fetched when they are installed. Same source and SOURCE_DATE_EPOCH, same bytes in the archive's order and times.
set -eu
cd "$(dirname "$0")/.."

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
arch=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
out=target/package
umask 022

# Its own target folder: the feature changes how the C libraries are built, and the ordinary build keeps its files.
cargo build --profile dist --locked --features portable --target-dir target/portable
hub=target/portable/dist/hub

rm -rf "$out"
tree=$out/tree
docs=$tree/usr/share/doc/hub
mkdir -p "$tree/usr/bin" "$tree/usr/share/hub" "$tree/lib/systemd/system" "$tree/etc/hub" "$docs" \
    "$tree/usr/share/bash-completion/completions" "$tree/usr/share/man/man1"

install -m 755 "$hub" "$tree/usr/bin/hub"
cp -r assets/fonts "$tree/usr/share/hub/fonts"
install -m 644 deploy/hub.service deploy/hub-backup.service deploy/hub-backup.timer "$tree/lib/systemd/system/"
install -m 644 deploy/hub.example.toml "$tree/etc/hub/hub.toml"
install -m 755 deploy/backup.sh deploy/restore.sh deploy/send.sh "$tree/usr/share/hub/"
install -m 644 README.md CHANGELOG.md docs/*.md deploy/nginx.conf "$docs/"
install -m 644 LICENSE "$docs/copyright"
deploy/licences.sh texts "$docs/licences"
"$hub" completions bash >"$tree/usr/share/bash-completion/completions/hub"
"$hub" man "$tree/usr/share/man/man1" >/dev/null
gzip -9n "$tree"/usr/share/man/man1/*.1

# --- .deb --------------------------------------------------------------------------------------
control=$tree/DEBIAN
mkdir "$control"
# The binary needs the C library of the machine it was built on, or a newer one.
libc=$(dpkg-query -W -f='${Version}' libc6 | sed 's/-.*//')
cat >"$control/control" <<TXT
Package: hub
Version: $version
Architecture: $arch
Maintainer: hub maintainers <root@localhost>
Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f1)
Depends: libc6 (>= $libc), libgcc-s1, adduser
Section: misc
Priority: optional
Description: exchange of civil-air-defence property data between departments
 Receives what departments send in their own formats, keeps one canonical record
 per thing with the source of every value, and issues official documents as PDF.
TXT
echo /etc/hub/hub.toml >"$control/conffiles"
for script in postinst prerm postrm; do
    install -m 755 "deploy/debian/$script" "$control/$script"
done
dpkg-deb --root-owner-group --build "$tree" "$out/hub_${version}_$arch.deb" >/dev/null
rm -r "$control"

# --- tarball: unpack anywhere and run ----------------------------------------------------------
name=hub-$version-linux-$arch
mkdir "$out/$name"
cp "$tree/usr/bin/hub" "$out/$name/hub"
mv "$tree/usr/share/hub/fonts" "$out/$name/fonts"
mv "$docs" "$out/$name/docs"
mv "$out/$name/docs/copyright" "$out/$name/LICENSE"
cp "$tree/etc/hub/hub.toml" "$out/$name/hub.example.toml"
cp deploy/hub.service deploy/hub-backup.service deploy/hub-backup.timer deploy/backup.sh deploy/restore.sh deploy/send.sh "$out/$name/"
tar -C "$out" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    -cf - "$name" | gzip -9n >"$out/$name.tar.gz"
rm -r "${out:?}/$name" "$tree"

(cd "$out" && sha256sum ./*.deb ./*.tar.gz >SHA256SUMS)
echo "已生成（$out）："
(cd "$out" && du -h --apparent-size -- *)
