# Makes the container image of the program: nothing but its file and the licences, for each architecture, as an archive of an OCI image
# layout. Run where buildah is, as root and in namespaces of its own (tools/image.mjs). No daemon, no network, nothing mounted.
#
#   image.sh CONTENT VERSION ARCHIVE
#
# CONTENT: a folder for each architecture, with what its image has. The same content gives the same bytes: no time, no name of this
# machine and no id of a build gets into them.
set -eu
content=$1 version=$2 archive=$3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
# Read instead of the machine's, which may name another storage.
printf '[storage]\ndriver = "vfs"\nrunroot = "%s/run"\ngraphroot = "%s/storage"\n' "$work" "$work" >"$work/storage.conf"
export CONTAINERS_STORAGE_CONF="$work/storage.conf"

# With a registry, or it would be looked for among the aliases of the machine.
name="localhost/ociwrap:$version"
buildah manifest create "$name" >/dev/null
for folder in "$content"/*/; do
  architecture=$(basename "$folder")
  # --pull=never: "scratch" is no image that could be fetched.
  container=$(buildah from --quiet --pull=never --arch "$architecture" scratch)
  buildah copy --quiet --chown 0:0 "$container" "$folder" / >/dev/null
  buildah config \
    --os linux --arch "$architecture" \
    --entrypoint '["/ociwrap"]' --cmd '["help"]' --workingdir / --user 0:0 \
    --label org.opencontainers.image.title=ociwrap \
    --label org.opencontainers.image.version="$version" \
    --label org.opencontainers.image.licenses=Apache-2.0 \
    --label org.opencontainers.image.description='An OCI runtime wrapper that installs itself on the nodes of a cluster' \
    "$container"
  image=$(buildah commit --quiet --format oci --timestamp 0 --omit-history --identity-label=false "$container")
  buildah manifest add "$name" "$image" >/dev/null
  buildah rm "$container" >/dev/null
done
buildah manifest push --quiet --all --format oci "$name" "oci:$work/layout:$version" >/dev/null
tar -c -f "$archive" -C "$work/layout" --format=ustar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
  --mode=u=rwX,go=rX oci-layout index.json blobs
