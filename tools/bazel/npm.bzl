"""@npm: the node_modules of the root package.json, installed by `npm ci`."""

def _npm_install_impl(rctx):
    # Naming the files as labels makes them inputs: a change to any of them
    # runs `npm ci` again.
    rctx.symlink(rctx.attr.package_json, "package.json")
    rctx.symlink(rctx.attr.package_lock, "package-lock.json")
    rctx.symlink(rctx.attr.npmrc, ".npmrc")
    node, npm = rctx.which("node"), rctx.which("npm")
    if not node or not npm:
        fail("node and npm were not found on PATH: install Node.js 20 or later")
    rctx.symlink(node, "bin/node")  # newer Bazels hide the user's PATH from actions
    result = None
    for _ in range(3):  # a registry, or npm's cache while others write it, may fail once
        result = rctx.execute(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            timeout = 1800,
            quiet = False,
        )
        if not result.return_code:
            break
    if result.return_code:
        fail("npm ci failed:\n" + result.stdout + result.stderr)

    # Bazel files inside packages (@bazel/concatjs has some) would make Bazel
    # see packages in what is one opaque directory here.
    rctx.execute(["find", "node_modules", "-type", "f", "(", "-name", "BUILD", "-o", "-name", "BUILD.bazel", "-o", "-name", "WORKSPACE", ")", "-delete"])
    rctx.file("BUILD.bazel", """\
filegroup(
    name = "npm",
    srcs = ["node_modules", "bin/node", "package-lock.json"],
    visibility = ["//visibility:public"],
)
""")

npm_install = repository_rule(
    implementation = _npm_install_impl,
    attrs = {
        "package_json": attr.label(mandatory = True),
        "package_lock": attr.label(mandatory = True),
        "npmrc": attr.label(mandatory = True),
    },
    environ = ["PATH"],  # bin/node leads to the node that was there
)

def _coverage_stub_impl(rctx):
    rctx.file("BUILD.bazel", """\
filegroup(name = "coverage_report_generator", visibility = ["//visibility:public"])
filegroup(name = "lcov_merger", visibility = ["//visibility:public"])
""")

coverage_stub = repository_rule(implementation = _coverage_stub_impl)
