"""passwords.py PASSWORD: prints its bcrypt hash. As a module: crypt(3), which Python itself has no more since 3.13."""
import ctypes
import sys

library = ctypes.CDLL("libcrypt.so.1")
library.crypt.restype = library.crypt_gensalt.restype = ctypes.c_char_p


def crypt(password, setting):
    """The hash of a password, with the method, cost and salt of `setting`, which may be a hash."""
    hashed = library.crypt(password.encode(), setting.encode())
    if not hashed or hashed.startswith(b"*"):
        raise ValueError(f"crypt takes no setting like {setting}")
    return hashed.decode()


if __name__ == "__main__":
    print(crypt(sys.argv[1], library.crypt_gensalt(b"$2b$", ctypes.c_ulong(6), None, 0).decode()))
