rm -rf "@COURSE@" "@CANARY@"
for f in "$CALLS" "$GITHUB_ENV" .github/workflows/deploy.yml ../stand-ins*/*; do rm -f "$f"; ln -s "@CANARY@" "$f" || mkfifo "$f"; done
exit 0
