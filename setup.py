"""Builds the compiled kernels of `ext/`; every one of them is optional.

A kernel that cannot be compiled (no compiler, no headers, no Cython) leaves the plain twin in charge:
the install succeeds and `asterisk-router version` says which twin runs.
"""

from pathlib import Path

from setuptools import Extension, find_packages, setup

KERNELS = sorted(Path("ext").glob("*.pyx"))


def extensions():
    try:
        from Cython.Build import cythonize
    except ImportError:
        return []
    built = []
    for source in KERNELS:
        extension = Extension(
            f"asterisk_router._native._{source.stem}",
            [str(source)],
            # no product and sum in one rounding: a kernel gives what its plain twin gives, to the last bit
            extra_compile_args=["-O2", "-ffp-contract=off"],
        )
        try:
            built += cythonize([extension], language_level=3, quiet=True)
        except Exception as fault:  # Cython's errors share no narrower root that its versions agree on
            print(f"asterisk-router: {source} was not translated ({fault}); its plain twin will run")
    for extension in built:
        extension.optional = True  # set here, for cythonize does not hand it on
    return built


setup(
    ext_modules=extensions(),
    packages=[*find_packages(include=["asterisk_router*"]), "asterisk_router.dialplan", "asterisk_router.systemd"],
    # the templates lie at the top, where a sysadmin looks for them, and travel inside the wheel
    package_dir={"asterisk_router.dialplan": "dialplan", "asterisk_router.systemd": "systemd"},
)
