"""ts_project, js_bundle, js_binary and js_test: TypeScript by tsc, esbuild and node."""

JsInfo = provider(doc = "What a ts_project hands on to the rules that depend on it.", fields = {
    "dts": "depset of .d.ts files, which tsc checks the next package against",
    "js": "depset of .js and data files, which node runs and esbuild bundles",
})

# @npm//:npm is [node_modules, bin/node, package-lock.json]: a directory, which
# actions and programs reach by one symlink, node itself, and the file whose
# change reruns them.
_NPM = attr.label(default = Label("@npm//:npm"), allow_files = True)
_DEPS = attr.label_list(providers = [JsInfo], doc = "ts_project targets")
_DATA = attr.label_list(allow_files = True, doc = "files to have at run time")

def _run_tool(ctx, tool, args, inputs, outputs, mnemonic):
    """Runs node_modules/.bin/tool with node_modules at the top of the exec root."""
    ctx.actions.run_shell(
        command = 'ln -sfn "$1" node_modules && PATH="$PWD/$2:$PATH" && shift 2 && exec "$@"',
        arguments = [ctx.files._npm[0].path, ctx.files._npm[1].dirname, "node_modules/.bin/" + tool] + args,
        inputs = depset(ctx.files._npm, transitive = inputs),
        outputs = outputs,
        mnemonic = mnemonic,
        progress_message = mnemonic + " " + str(ctx.label),
        use_default_shell_env = True,
    )

def _in_package(ctx, path):
    return ctx.label.package + "/" + path if ctx.label.package else path

def _deps_js(ctx):
    return depset(transitive = [dep[JsInfo].js for dep in ctx.attr.deps])

def _ts_project_impl(ctx):
    js, dts = [], []
    for src in ctx.files.srcs:
        if not src.basename.endswith(".d.ts"):
            stem = src.basename[:-len(src.extension) - 1]
            js.append(ctx.actions.declare_file(stem + ".js", sibling = src))
            dts.append(ctx.actions.declare_file(stem + ".d.ts", sibling = src))

    config = ctx.actions.declare_file(ctx.label.name + ".tsconfig.json")
    top = "../" * config.dirname.count("/") + "../"
    ctx.actions.write(config, json.encode({
        "extends": top + ctx.file.tsconfig.path,
        "compilerOptions": {
            "declaration": True,
            "inlineSourceMap": True,
            "noEmit": False,
            "outDir": top + ctx.bin_dir.path,
            "rootDir": top,
            "rootDirs": [top, top + ctx.bin_dir.path],  # where deps' .d.ts are
        },
        "files": [top + src.path for src in ctx.files.srcs],
        "include": [],
    }))

    deps_dts = [dep[JsInfo].dts for dep in ctx.attr.deps]
    _run_tool(
        ctx,
        "tsc",
        ["--project", config.path],
        [depset(ctx.files.srcs + [config, ctx.file.tsconfig])] + deps_dts,
        js + dts,
        "TypeScript",
    )
    return [
        DefaultInfo(files = depset(js)),
        JsInfo(
            dts = depset(dts, transitive = deps_dts),
            js = depset(js + ctx.files.data, transitive = [_deps_js(ctx)]),
        ),
    ]

ts_project = rule(
    doc = "Type-checks and compiles .ts files, to .js and .d.ts beside them in bazel-bin.",
    implementation = _ts_project_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = [".ts", ".tsx"], mandatory = True),
        "deps": _DEPS,
        "data": _DATA,
        "tsconfig": attr.label(default = Label("//:tsconfig.json"), allow_single_file = True),
        "_npm": _NPM,
    },
)

def _js_bundle_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".js")
    _run_tool(
        ctx,
        "esbuild",
        [
            ctx.bin_dir.path + "/" + _in_package(ctx, ctx.attr.main),
            "--bundle",
            "--preserve-symlinks",
            "--log-level=warning",
            "--outfile=" + out.path,
        ] + ctx.attr.args,
        [_deps_js(ctx)],
        [out],
        "Bundle",
    )
    return [DefaultInfo(files = depset([out]))]

js_bundle = rule(
    doc = "Bundles `main`, a .js file of a ts_project in deps, for the browser.",
    implementation = _js_bundle_impl,
    attrs = {"main": attr.string(mandatory = True), "deps": _DEPS, "args": attr.string_list(), "_npm": _NPM},
)

# --preserve-symlinks: runfiles are links into the source and output trees, and
# node_modules is found from where the link is, not from where it leads.
_NODE_LAUNCHER = """\
#!/usr/bin/env bash
cd "${{TEST_SRCDIR:-$0.runfiles}}/{workspace}"
export NODE_OPTIONS="--preserve-symlinks --preserve-symlinks-main --enable-source-maps $NODE_OPTIONS"
exec {node} {main} "$@"
"""

def _launcher(ctx, template, files, **substitutions):
    """An executable that runs in its runfiles, beside a node_modules."""
    launcher = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(launcher, template.format(workspace = ctx.workspace_name, **substitutions), is_executable = True)
    return [DefaultInfo(executable = launcher, runfiles = ctx.runfiles(
        files = ctx.files.data + ctx.files._npm[1:] + files,
        transitive_files = _deps_js(ctx),
        symlinks = {"node_modules": ctx.files._npm[0]},
    ))]

def _js_binary_impl(ctx):
    return _launcher(ctx, _NODE_LAUNCHER, [], node = ctx.files._npm[1].short_path, main = _in_package(ctx, ctx.attr.main))

_BINARY = dict(
    implementation = _js_binary_impl,
    attrs = {"main": attr.string(mandatory = True), "deps": _DEPS, "data": _DATA, "_npm": _NPM},
)

js_binary = rule(doc = "Runs `main`, a .js file of a ts_project in deps, with node.", executable = True, **_BINARY)
js_test = rule(doc = "js_binary as a test: passes when node exits with 0.", test = True, **_BINARY)

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
  *) echo "@bazel/concatjs has no devserver for this platform" >&2; exit 1 ;;
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
    doc = "Serves js_bundles at /bundle.js and `data`, as files of this package, with @bazel/concatjs.",
    implementation = _concatjs_devserver_impl,
    attrs = {"bundles": attr.label_list(allow_files = [".js"]), "port": attr.int(default = 5432), "deps": _DEPS, "data": _DATA, "_npm": _NPM},
    executable = True,
)

def ts_folder(name, deps = [], data = [], test_deps = [], test_data = [], test_tags = [], test_size = "medium", visibility = ["//visibility:public"]):
    """A folder of this repository: its library and a target for each of its tests.

    Args:
      name: the library: all .ts files below the folder but the tests.
      deps: libraries of other folders that it imports.
      data: files that it reads at run time.
      test_deps: what the tests import besides.
      test_data: files that the tests read besides.
      test_tags: tags of the tests.
      test_size: size of the tests.
      visibility: of the library.
    """
    tests = native.glob(["**/*.test.ts"])
    ts_project(
        name = name,
        srcs = native.glob(["**/*.ts", "**/*.tsx"], exclude = tests),
        data = data,
        deps = deps,
        visibility = visibility,
    )
    if tests:
        ts_project(
            name = name + "_tests",
            testonly = True,
            srcs = tests,
            deps = [":" + name] + test_deps + deps,
        )
    for test in tests:
        js_test(
            name = test[:-len(".ts")].replace("/", "_").replace(".", "_"),
            size = test_size,
            main = test[:-len(".ts")] + ".js",
            data = test_data,
            deps = [":" + name + "_tests"],
            tags = test_tags,
        )
