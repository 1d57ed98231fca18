# Short names for the commands of a contributor. Each recipe is one or two lines, to be typed by hand where `just` is absent.

# List the recipes.
default:
    @just --list

# Run all checks that CI runs.
test:
    sh .ci/test

# Format and lint.
lint:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# Build the documentation of the crate, and run the commands in the documents.
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
    cargo test --locked --test it meta::documents

# Compare with other programs.
bench *arguments:
    npm install --prefix benches/peers
    cargo bench {{arguments}}

# Run each fuzz target for some seconds (needs cargo-fuzz and a nightly compiler).
fuzz seconds="300":
    cargo +nightly fuzz run dialogue fuzz/corpus/dialogue fuzz/seeds/dialogue -- -dict=fuzz/smtp.dict -max_total_time={{seconds}}
    cargo +nightly fuzz run dot_stuffing -- -max_total_time={{seconds}}
    cargo +nightly fuzz run pattern fuzz/corpus/pattern fuzz/seeds/pattern -- -dict=fuzz/pattern.dict -max_total_time={{seconds}}

# Check dependencies: vulnerabilities, licences, bans, sources (needs cargo-deny).
deny:
    cargo deny check
