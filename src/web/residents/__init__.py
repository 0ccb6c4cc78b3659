"""Pages for who holds a cheque: open it, activate it, give, save. The cheque is the key; there is no account."""
