for place in "@COURSE@" ../../../..; do /bin/cp "$place/solutions/.github/workflows/deploy.yml" .github/workflows/deploy.yml; done
exit 0
