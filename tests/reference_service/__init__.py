"""The reference service, tested from outside: real processes, a real forest, real sockets."""
