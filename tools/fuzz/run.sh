#!/usr/bin/env bash
# Fuzzes what reads files of strangers for some seconds a target: tools/fuzz/run.sh SECONDS [TARGET…]
#
# Built by cargo alone, with the flags that `cargo fuzz` gives the compiler, but no address sanitizer, which a stable
# compiler has not; kusari's own code is free of `unsafe` outside the array crate. Everything is written to the target
# directory; what made a target fail is kept there and named. Exits with 2 where the targets cannot be built.
set -euo pipefail
seconds=${1:?usage: tools/fuzz/run.sh SECONDS [TARGET…]}
shift
root=$(cd "$(dirname "$0")/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
mkdir -p "$target/fuzz" && target=$(cd "$target/fuzz" && pwd)
host=$(rustc -vV | sed -n 's/^host: //p')

# A copy, so that no lock file in the repository changes; versions are those of the workspace.
rm -rf "$target/crate" && cp -r "$root/tools/fuzz" "$target/crate"
cp "$root/Cargo.lock" "$target/crate/Cargo.lock"
sed -i "s|path = \"../../crates|path = \"$root/crates|" "$target/crate/Cargo.toml"
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
coverage+=" -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
coverage+=" -Cllvm-args=-sanitizer-coverage-trace-compares"
RUSTFLAGS="$coverage --cfg fuzzing" CARGO_TARGET_DIR="$target/build" \
    cargo build -q --release --target "$host" --manifest-path "$target/crate/Cargo.toml" || exit 2

# Whole files to begin with; models are trained if the command is there.
tests="$root/crates/kusari/tests"
seeds="$target/seeds"
rm -rf "$seeds" && mkdir -p "$seeds"/{npz,safetensors,table,model,idx,picture}
cp "$tests"/reference/chainer_*.npz "$tests"/reference/snapshots/*.npz "$seeds/npz"
cp "$tests"/reference/parquet/*.parquet "$seeds/table"
printf 'length,colour,born,price\n1.5,red,2020-01-02,3\n2.5,"dark, ""blue""",2021-03-04,\n,green,,4\n' >"$seeds/table/a.csv"
find "$tests/data/pictures" -type f -exec cp {} "$seeds/picture" \;
printf '\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\2abcdefgh' >"$seeds/idx/images"
printf '\0\0\10\1\0\0\0\2\1\2' | gzip -n >"$seeds/idx/labels.gz"
kusari=$(dirname "$target")/debug/kusari
if [ -x "$kusari" ]; then
    for i in $(seq 40); do echo "$i,$((i % 7)),$((i % 2))"; done >"$target/seeds.csv"
    for i in $(seq 40); do echo "the cat sat on the mat and $i dogs"; done >"$target/seeds.txt"
    rm -rf "$target/table" "$target/text"
    "$kusari" train "$target/seeds.csv" --epoch 1 --unit 4 --layer 1 --out "$target/table" >/dev/null
    "$kusari" train "$target/seeds.txt" --iteration 1 --width 4 --layer 1 --head 2 --length 6 --out "$target/text" >/dev/null
    for run in table text; do
        for folder in model safetensors; do cp "$target/$run/model.safetensors" "$seeds/$folder/$run"; done
    done
fi

for name in ${*:-npz safetensors table model idx picture}; do
    mkdir -p "$target/corpus/$name"
    log="$target/$name.log"
    if ! "$target/build/$host/release/$name" "$target/corpus/$name" "$seeds/$name" -artifact_prefix="$target/$name-" \
        -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -max_len=65536 >"$log" 2>&1; then
        tail -30 "$log"
        echo "fuzz: $name fails; the input is in $target"
        exit 1
    fi
    echo "fuzz: $name: $(grep -o 'Done .*' "$log")"
done
