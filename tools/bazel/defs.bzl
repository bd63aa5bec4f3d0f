"""ts_project, ts_folder, ts_binary, ts_test and built_page: TypeScript checked by tsc, and run by node as npm's scripts run it."""

TsInfo = provider(doc = "What a ts_project hands on to the rules that depend on it.", fields = {
    "dts": "depset of .d.ts files, which tsc checks the next package against",
    "sources": "depset of .ts and data files, which programs have at run time",
})

# @npm//:npm is [node_modules, bin/node, package-lock.json]: a directory, which
# actions and programs reach by one symlink, node itself, and the file whose
# change reruns them.
_NPM = attr.label(default = Label("@npm//:npm"), allow_files = True)
_DEPS = attr.label_list(providers = [TsInfo], doc = "ts_project targets")
_DATA = attr.label_list(allow_files = True, doc = "files to have at run time")
_TSCONFIG = attr.label(default = Label("//:tsconfig.json"), allow_single_file = True)

def _in_package(ctx, path):
    return ctx.label.package + "/" + path if ctx.label.package else path

def _transitive(ctx, field):
    return [getattr(dep[TsInfo], field) for dep in ctx.attr.deps]

def _ts_project_impl(ctx):
    dts = [
        ctx.actions.declare_file(src.basename[:-len(src.extension) - 1] + ".d.ts", sibling = src)
        for src in ctx.files.srcs
    ]
    config = ctx.actions.declare_file(ctx.label.name + ".tsconfig.json")
    top = "../" * config.dirname.count("/") + "../"
    ctx.actions.write(config, json.encode({
        "extends": top + ctx.file._tsconfig.path,
        "compilerOptions": {
            "declaration": True,
            "emitDeclarationOnly": True,
            "noEmit": False,
            "outDir": top + ctx.bin_dir.path,
            "rootDir": top,
            "rootDirs": [top, top + ctx.bin_dir.path],  # where deps' .d.ts are
        },
        "files": [top + src.path for src in ctx.files.srcs],
        "include": [],
    }))
    ctx.actions.run_shell(
        command = 'ln -sfn "$1" node_modules && PATH="$PWD/$2:$PATH" && exec node node_modules/typescript-7/bin/tsc --project "$3"',
        arguments = [ctx.files._npm[0].path, ctx.files._npm[1].dirname, config.path],
        inputs = depset(
            ctx.files._npm + ctx.files.srcs + ctx.files.data + [config, ctx.file._tsconfig],
            transitive = _transitive(ctx, "dts"),
        ),
        outputs = dts,
        mnemonic = "TypeScript",
        progress_message = "TypeScript " + str(ctx.label),
        use_default_shell_env = True,
    )
    return [
        DefaultInfo(files = depset(dts)),
        TsInfo(
            # A .json file is its own declaration.
            dts = depset(
                dts + [file for file in ctx.files.data if file.extension == "json"],
                transitive = _transitive(ctx, "dts"),
            ),
            sources = depset(ctx.files.srcs + ctx.files.data, transitive = _transitive(ctx, "sources")),
        ),
    ]

ts_project = rule(
    doc = "Type-checks .ts files; their .d.ts go beside them in bazel-bin.",
    implementation = _ts_project_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = [".ts", ".tsx"], mandatory = True),
        "deps": _DEPS,
        "data": _DATA,
        "_tsconfig": _TSCONFIG,
        "_npm": _NPM,
    },
)

# --preserve-symlinks: runfiles are links into the source tree, and node_modules
# is found from where the link is, not from where it leads. A test has a home
# of its own: it may not write to the user's.
_NODE_LAUNCHER = """\
#!/usr/bin/env bash
cd "${{TEST_SRCDIR:-$0.runfiles}}/{workspace}"
export HOME="${{TEST_TMPDIR:-$HOME}}" PATH="$PWD/node_modules/.bin:$PATH"
export NODE_OPTIONS="--preserve-symlinks --preserve-symlinks-main $NODE_OPTIONS"
exec {node} {arguments} "$@"
"""

def _launcher(ctx, template, files, **substitutions):
    """An executable that runs in its runfiles, beside a node_modules."""
    launcher = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(launcher, template.format(workspace = ctx.workspace_name, **substitutions), is_executable = True)
    return [DefaultInfo(executable = launcher, runfiles = ctx.runfiles(
        files = ctx.files.data + ctx.files._npm[1:] + files,
        # The .d.ts: what does not type-check does not run.
        transitive_files = depset(transitive = _transitive(ctx, "sources") + _transitive(ctx, "dts")),
        symlinks = {"node_modules": ctx.files._npm[0]},
    ))]

def _node(ctx, arguments, files = []):
    return _launcher(
        ctx,
        _NODE_LAUNCHER,
        [ctx.file._tsconfig] + files,
        node = ctx.files._npm[1].short_path,
        arguments = " ".join(arguments),
    )

def _ts_binary_impl(ctx):
    return _node(ctx, ["--require ts-node/register", _in_package(ctx, ctx.attr.main)])

def _ts_test_impl(ctx):
    # All files in one process, as in `npm run test:unit`: each in a suite, to which its hooks belong.
    suites = ctx.actions.declare_file(ctx.label.name + ".suites.cjs")
    ctx.actions.write(suites, "".join([
        "require('node:test').describe('{0}', () => {{ require('./{0}') }})\n".format(test)
        for test in ctx.attr.tests
    ]))
    return _node(ctx, ["--test-reporter spec --require tsx/preflight --require tsx/cjs", suites.short_path], [suites])

_RUNNABLE = {
    "deps": _DEPS,
    "data": _DATA,
    "_tsconfig": _TSCONFIG,
    "_npm": _NPM,
}

ts_binary = rule(
    doc = "Runs `main`, a .ts file of a ts_project in deps, with node.",
    implementation = _ts_binary_impl,
    attrs = dict(_RUNNABLE, main = attr.string(mandatory = True)),
    executable = True,
)

ts_test = rule(
    doc = "Runs `tests`, .test.ts files of a ts_project in deps, with node's test runner.",
    implementation = _ts_test_impl,
    attrs = dict(_RUNNABLE, tests = attr.string_list(mandatory = True)),
    test = True,
)

def ts_folder(name, deps = [], data = [], exclude = [], test_deps = [], test_data = []):
    """A folder of this repository: its library, and the target `test`, which runs its unit tests.

    Tests that need a database or a browser (`x.db.test.ts`, `x.e2e.test.ts`) are type-checked here, and run by `npm test`.

    Args:
      name: the library: all .ts files below the folder but the tests.
      deps: libraries of other folders that it imports.
      data: files that it reads at run time.
      exclude: what belongs to neither the library nor the tests.
      test_deps: what the tests import besides.
      test_data: files that the tests read besides.
    """
    tests = native.glob(["**/*.test.ts", "**/*.test.tsx"], exclude = exclude)
    unit_tests = [test for test in tests if ".db.test." not in test and ".e2e.test." not in test]
    ts_project(
        name = name,
        srcs = native.glob(["**/*.ts", "**/*.tsx"], exclude = tests + exclude),
        data = data,
        deps = deps,
        visibility = ["//visibility:public"],
    )
    if tests:
        ts_project(
            name = name + "_tests",
            testonly = True,
            srcs = tests,
            data = test_data,
            deps = [":" + name] + deps + test_deps,
        )
    if unit_tests:
        ts_test(
            name = "test",
            size = "large",
            tests = unit_tests,
            deps = [":" + name + "_tests"],
        )

def _built_page_impl(ctx):
    ctx.actions.run_shell(
        command = 'exec "$1" --out "$PWD/$2" >/dev/null',
        arguments = [ctx.executable.by.path, ctx.outputs.outs[0].dirname],
        tools = [ctx.attr.by[DefaultInfo].files_to_run],
        outputs = ctx.outputs.outs,
        mnemonic = "Page",
        progress_message = "Bundling " + str(ctx.label),
        use_default_shell_env = True,
    )

# Not a genrule: that builds its tool, and type-checks all below it, a second time for the host.
built_page = rule(
    doc = "What the ts_binary `by` writes to the folder of `outs`.",
    implementation = _built_page_impl,
    attrs = {
        "by": attr.label(executable = True, cfg = "target", mandatory = True),
        "outs": attr.output_list(mandatory = True),
    },
)

# The server that @bazel/concatjs ships, prebuilt: scripts of the manifest at
# /bundle.js, then files of the package, then its index.html for any other path.
_DEVSERVER_LAUNCHER = """\
#!/usr/bin/env bash
export RUNFILES_DIR="$(cd "${{TEST_SRCDIR:-$0.runfiles}}" && pwd)"
cd "$RUNFILES_DIR/{workspace}"
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux_x64 ;;
  Darwin-x86_64) platform=darwin_x64 ;;
  Darwin-arm64) platform=darwin_arm64 ;;
  *) echo "@bazel/concatjs has no devserver for this platform: use npm run devserver" >&2; exit 1 ;;
esac
exec "node_modules/@bazel/concatjs/devserver/devserver-$platform" -packages={workspace}/{package} \
  -manifest="$PWD/{manifest}" -scripts_manifest="$PWD/{no_scripts}" -serving_path=/bundle.js -port={port} "$@"
"""

def _concatjs_devserver_impl(ctx):
    manifest = ctx.actions.declare_file(ctx.label.name + ".MF")
    ctx.actions.write(manifest, "".join([ctx.workspace_name + "/" + f.short_path + "\n" for f in ctx.files.bundles]))
    no_scripts = ctx.actions.declare_file(ctx.label.name + ".scripts.MF")
    ctx.actions.write(no_scripts, "")
    return _launcher(
        ctx,
        _DEVSERVER_LAUNCHER,
        [manifest, no_scripts] + ctx.files.bundles,
        package = ctx.label.package,
        manifest = manifest.short_path,
        no_scripts = no_scripts.short_path,
        port = ctx.attr.port,
    )

concatjs_devserver = rule(
    doc = "Serves scripts at /bundle.js and `data`, as files of this package, with @bazel/concatjs.",
    implementation = _concatjs_devserver_impl,
    attrs = {
        "bundles": attr.label_list(allow_files = [".js"]),
        "port": attr.int(default = 5432),
        "deps": _DEPS,
        "data": _DATA,
        "_npm": _NPM,
    },
    executable = True,
)
