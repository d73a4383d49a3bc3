"""The commands besides `run`: what they print, on which stream, with which status, with one rank and with two.

Exit status 0: done; 1: something went wrong while running; 2: the input is wrong. A message is printed once, however many ranks."""

import os
import re
import subprocess

import h5py

from glion_test import GLION, MPI_ENVIRONMENT, ROOT, SYSTEM, check, finish, glion, workspace

COMMANDS = ["run", "check", "models", "connections"]
LAYOUTS = os.path.join(SYSTEM, "layouts.glion")

NETWORK = """let p = 0.1
population cells[20] : aeif_cond_alpha_astro
population quick[3] { dv/dt = (1 - v**2)/second : 1 }
population slow[3] { dv/dt = -v/second : 1 }
connect pairs : cells -> cells by pairwise_bernoulli(p) using static { weight = 1 nS; delay = 1.5 ms }
connect loops : cells -> cells by one_to_one using tsodyks { weight = 1 nS; delay = 2 ms }
record spikes of cells[2:5]
record V_m of cells every 0.5 ms
run 5 ms
run 7 ms
"""


def own(error):
    """The error stream without what mpirun adds, which stands between rulers."""
    return re.sub(r"^-{20,}\n.*?^-{20,}\n", "", error, flags=re.MULTILINE | re.DOTALL)


def output_of(*arguments, ranks=1):
    process = glion(*arguments, ranks=ranks, timeout=60)
    check(process.returncode == 0, f"{arguments}: status {process.returncode}\n{process.stderr}")
    return process.stdout


def says(text, pattern, what):
    check(re.search(pattern, text, re.MULTILINE), f"{what}: nothing matches {pattern}:\n{text}")


def refused(arguments, message, ranks=1):
    process = glion(*arguments, ranks=ranks, timeout=60)
    error = own(process.stderr)
    check(process.returncode == 2, f"{arguments}: status {process.returncode}, not 2\n{error}")
    check(process.stdout == "", f"{arguments}: printed\n{process.stdout}")
    check(error.count(message) == 1, f"{arguments}: does not say once '{message}':\n{error}")
    check(error.count("error: ") == 1 and len(error.splitlines()) <= 3, f"{arguments}: more than one message:\n{error}")


def alone(*arguments, **streams):
    """Without mpirun: one rank."""
    return subprocess.run([GLION, *arguments], env={**MPI_ENVIRONMENT, **os.environ}, timeout=60, **streams)


def columns(line):
    return re.split(r" {2,}", line.strip())


def table(text, title):
    """Rows of the table whose first column has the title, by their first cell."""
    lines = text.splitlines()
    begin = next(k for k, line in enumerate(lines) if columns(line)[0] == title) + 1
    rows = {}
    for line in lines[begin:]:
        if not line:
            break
        rows[columns(line)[0]] = columns(line)[1:]
    return rows


def check_help(ranks):
    overview = output_of("--help", ranks=ranks)
    for command in COMMANDS:
        check(overview.count(f"glion {command} ") == 1, f"--help: '{command}' does not stand there once:\n{overview}")
        says(output_of(command, "--help", ranks=ranks), rf"\Ausage: glion {command} ", f"{command} --help")
    says(output_of("--version", ranks=ranks), r"\Aglion \d+\.\d+\.\d+\nMPI \d.*\nHDF5 \d+\.\d+\.\d+\n\Z", "--version")


def check_start_alone():
    """Without a launcher no other program is needed: neither Open MPI's daemon nor ssh, which are looked for on PATH."""
    environment = {**MPI_ENVIRONMENT, **os.environ, "PATH": "/nonexistent"}
    process = subprocess.run([GLION, "--version"], env=environment, capture_output=True, text=True, timeout=60)
    check(process.returncode == 0 and process.stdout.startswith("glion "), f"alone: status {process.returncode}\n{process.stderr}")


def check_waiting():
    """Threads that wait soon leave the core to others, unless the user says how they wait."""
    unset = {name: value for name, value in os.environ.items() if name not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}

    def told(**settings):
        environment = {**MPI_ENVIRONMENT, **unset, "OMP_DISPLAY_ENV": "VERBOSE", **settings}
        process = subprocess.run([GLION, "--version"], env=environment, timeout=60, capture_output=True, text=True)
        return re.findall(r"GOMP_SPINCOUNT = '(\d+)'", process.stderr)

    check(told()[-1:] == ["2000"], f"threads look {told()} times before they sleep")
    check(told(GOMP_SPINCOUNT="77") == ["77"], "GOMP_SPINCOUNT of the user is not kept")
    check(told(OMP_WAIT_POLICY="PASSIVE") == ["0"], "OMP_WAIT_POLICY of the user is not kept")


def check_arguments(network):
    refused([], "glion: error: a command is missing", 2)
    refused(["modles"], "unknown command 'modles'; did you mean 'models'?", 2)
    refused(["--hlep"], "unknown option '--hlep'; did you mean '--help'?", 2)
    refused(["connections", network, "--statistcs"], "did you mean '--statistics'?", 2)
    refused(["check"], "an argument is missing\nusage: glion check FILE", 2)
    refused(["check", network, "\033[31mextra"], "one argument too many: '?[31mextra'\nusage: glion check FILE", 2)


def check_option_forms(network, folder):
    for arguments, message in [
        (["--threads"], "--threads needs a value"),
        (["--threads", "0"], "--threads needs a whole number of at least 1, not '0'"),
        (["--threads=two"], "not 'two'"),
        (["--threads", "1", "--threads=1"], "--threads is given twice"),
        (["--statistics=yes"], "--statistics takes no value"),
        (["-D", "p"], "-D needs NAME=EXPR, not 'p'"),
        (["-Dp=0.1", "-D", "p=0.2"], "-D gives 'p' a value twice"),
        (["--partition", "nobody"], "unknown partition 'nobody'; known: "),
    ]:
        refused(["connections", network, *arguments], message)
    expected = output_of("connections", network, "-D", "p=0.5")
    for arguments in (["-Dp=0.5", network], [network, "-Dp=1/2", "--threads=1"], ["-D", "p=0.5", "--", network]):
        check(output_of("connections", *arguments) == expected, f"connections {arguments}: not as with -D p=0.5 behind the file")
    dashed = os.path.join(folder, "-n.glion")
    os.symlink(network, dashed)
    process = glion("check", "--", "-n.glion", cwd=folder)
    check(process.returncode == 0, f"a file behind --: status {process.returncode}\n{process.stderr}")
    os.remove(dashed)


def check_streams():
    for target, status in [("/dev/null", 0), ("/dev/full", 1)]:
        with open(target, "w") as file:
            process = alone("models", stdout=file, stderr=subprocess.PIPE, text=True)
        check(process.returncode == status, f"models > {target}: status {process.returncode}, not {status}\n{process.stderr}")
    reader, writer = os.pipe()
    os.close(reader)
    process = alone("models", stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    check((process.returncode, process.stderr) == (0, ""), f"models | true: status {process.returncode}\n{process.stderr}")


def check_check(network, ranks):
    process = glion("check", network, ranks=ranks)
    text = process.stdout
    check(process.returncode == 0 and own(process.stderr) == "", f"check: status {process.returncode}\n{process.stderr}")
    check(text.count("OK\n") == 1 and text.startswith(f"{network}: OK\n"), f"check: does not begin with OK, once:\n{text}")
    for pattern in (
        r"duration +12 ms in 120 steps$",
        r"dt +0.1 ms \(default\)$",
        r"seed +\d+ \(default\)$",
        r"min-delay +1.5 ms in 15 steps, the delay of pairs$",
        r"^populations: 3, nodes: 26$",
        r"cells +20 +aeif_cond_alpha_astro$",
        r"aeif_cond_alpha_astro +rkf45 +the model asks for it$",
        r"quick +euler +the model names no method, and exact",
        r"slow +exact +.*linear",
        r"^connections: 2, synapses expected: 60$",
        r"pairs +pairwise_bernoulli +static +1.5 ms +40$",
        r"loops +one_to_one +tsodyks +2 ms +20$",
        r"spikes.h5 +spikes of cells_2_5 +3 nodes$",
        r"V_m_cells.h5 +V_m of cells +20 nodes +mV +every 0.5 ms$",
    ):
        says(text, pattern, "check")
    says(output_of("check", network, "-D", "p=0.2", ranks=ranks), r"pairs .* 80$", "check -D p=0.2")
    refused(["check", network, "-D", "p=2"], f"{network}:5:", ranks)
    refused(["check", network, "-D", "q=2"], "-D q: error: ", ranks)


def check_explain(network):
    text = output_of("explain", network, ranks=2)
    for pattern in (
        r"^cells: 20 x aeif_cond_alpha_astro$",
        r"integrator +rkf45: the model asks for it$",
        r"kept per node +V_m, w, x_ex, g_ex, x_in, g_in; besides .*: 64 bytes$",
        r"^pairs: static, cells -> .*, about 40 synapses, delay 1.5 ms$",
        r"^loops: tsodyks, .*, about 20 synapses, delay 2 ms$",
        r"kept per source +x, y, u: ",
        r"interval +1.5 ms: the smallest delay, of pairs$",
        r"spikes +of cells: 8 bytes each",
    ):
        says(text, pattern, "explain")
    check(text.count("exchange between ranks") == 1, f"explain: printed more than once:\n{text}")


def check_drawn_delays():
    """What is known of delays before they are drawn, and what they cost."""
    network = os.path.join(SYSTEM, "connections.glion")
    text = output_of("explain", network, ranks=2)
    for pattern in (
        r"^drawn: static, .*, about 4000 synapses, delays drawn$",
        r"kept per synapse +its target, weight: 12 bytes$",
        r"delays +are drawn for each synapse",
        r"interval +from 0.1 to 1 ms: the smallest delay, known when all have been drawn",
        r"memory of spikes +until the largest delay has passed, .*: 3 ms or",
    ):
        says(text, pattern, "explain")
    check("(null)" not in text, f"explain: a set without a name:\n{text}")
    says(output_of("check", network), r"min-delay +at least 0.1 ms, one step: known when delays have been drawn$", "check")


def check_no_delay():
    network = os.path.join(SYSTEM, "no_delay.glion")
    text = output_of("explain", network)
    for pattern in (
        r"steps +are cut in two, since spikes over b__a__now arrive in the step of their",
        r"^late: 25 x izhikevich$",
        r"steps +are cut in two, for what is recorded within them: integration and threshold",
        r"interval +0.1 ms, one step: a__b__now has no delay",
    ):
        says(text, pattern, "explain")
    cut = [part.split(":")[0] for part in re.split(r"^(?=\w+: )", text, flags=re.MULTILINE) if "are cut in two" in part]
    expected = ["a", "b", "adaptive", "conducting", "exact", "driven_now", "noise"]
    check(cut == expected, f"explain: {cut} are cut in two, not {expected}:\n{text}")
    says(output_of("check", network), r"min-delay +0: a__b__now has no delay$", "check")


def check_seen_within(folder):
    path = os.path.join(folder, "within.glion")
    with open(path, "w") as file:
        file.write("population p[4] : iaf_psc_exp\nconnect p -> p by all_to_all using static { weight = 1 pA; delay = 1.5 ms }\n"
                   "record V_m of p at end\nrun 1 ms\n")
    says(output_of("explain", path), r"interval +0.1 ms, one step: p is recorded within its steps$", "explain")


def check_given_settings_and_warnings(folder):
    path = os.path.join(folder, "given.glion")
    with open(path, "w") as file:
        file.write("simulation { dt = 0.2 ms; seed = 5 }\npopulation p[4] : aeif_cond_alpha_astro\n"
                   "connect p -> p by all_to_all using static { weight = 1 nS; delay = 1.1 ms }\nrun 1 ms\n")
    process = glion("check", path, ranks=2)
    says(process.stdout, r"dt +0.2 ms$", "check")
    says(process.stdout, r"seed +5$", "check")
    warning = f"{path}:3:68: warning: delays"
    check(process.stderr.count(warning) == 1, f"check: does not warn once of a rounded delay:\n{process.stderr}")


def check_unplannable(folder):
    """What only the plan finds wrong is found by `check` too."""
    path = os.path.join(folder, "unplannable.glion")
    with open(path, "w") as file:
        file.write("population p[3] { dv/dt = -v**2/second : 1; method exact }\nrun 1 ms\n")
    refused(["check", path], f"{path}:1:28: error: method exact", 2)


def library():
    for folder, _, files in os.walk(os.path.join(ROOT, "models")):
        for name in files:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                yield os.path.basename(folder), name.removesuffix(".glion"), file.read()


def check_models():
    listing = output_of("models", ranks=2)
    for kind, name, _ in library():
        says(listing, rf"^{kind}\n(    .*\n)*    {name} ", "models")
        check(len(re.findall(rf"^    {name} ", listing, re.MULTILINE)) == 1, f"models: {name} does not stand there once")
    refused(["models", "tsodiks"], "the library has no model 'tsodiks'; did you mean 'tsodyks'?", 2)


def check_each_model():
    for _, name, source in library():
        text = output_of("models", name)
        what = f"models {name}"
        says(text, rf"\A{name}: ", what)
        check(max(len(line) for line in text.split("\nequations\n")[0].splitlines()) <= 100, f"{what}: tables are too wide")
        for citation in re.findall(r'^ *cite "(.*?)"', source, re.MULTILINE):
            says(text, rf"^    {re.escape(citation)}$", what)
        for parameter, unit, default in re.findall(r"^    (\w+) *: *(\S+) *= *(.*?)(?= in |  |$)", source, re.MULTILINE):
            says(text, rf"^    {parameter} +{re.escape(unit)} +{re.escape(default)}(  |$)", what)
        for equation in re.findall(r"^ +(d\w+/dt *= .*|\w+ += [^\"\n]* : \S+.*)$", source, re.MULTILINE):
            says(text, rf"^    {re.escape(equation)}$", what)


def check_shown_model():
    text = output_of("models", "aeif_cond_alpha_astro")
    for pattern in (
        r"^    C_m +pF +281 pF +\(0, inf\) +membrane capacitance$",
        r"^    V_m +mV +-70.6 mV$",
        r"^receives: unit\n    spike +nS ",
        r"^    I_SIC +pA ",
        r"^recordables\n    spikes ",
        r"^    threshold V_m >= ",
    ):
        says(text, pattern, "models aeif_cond_alpha_astro")
    says(output_of("models", "astrocyte_lr_1994"), r"^    spike +1 +\[0, inf\) ", "models astrocyte_lr_1994")
    says(output_of("models", "tsodyks"), r"^recordables\n    sent$", "models tsodyks")
    says(output_of("models", "tsodyks"), r"^        send weight\*r.*\n    }\n\Z", "models tsodyks")


def check_connections():
    expected = output_of("connections", LAYOUTS, "--statistics")
    for ranks, options in [(2, []), (3, ["--partition", "block", "--threads", "2"])]:
        text = output_of("connections", LAYOUTS, "--statistics", *options, ranks=ranks)
        check(text == expected, f"connections of {ranks} ranks {options}:\n{text}not\n{expected}")
    counts, degrees = table(expected, "connection"), table(expected.split("\n\n")[1], "connection")
    check(output_of("connections", LAYOUTS) == expected.split("\n\n")[0] + "\n", "connections without --statistics")
    check(counts["opposite"] == ["plain", "static", "40", "40"], f"opposite: {counts['opposite']}")
    check(counts["tri.third_in"][0] == "third_in" and counts["tri.third_in"][2] == counts["tri.third_out"][2], "third_in, third_out")
    check(int(counts["total"][2]) == sum(int(row[2]) for name, row in counts.items() if name != "total"), "the total")
    check(degrees["opposite"] == ["1", "1.00", "1"] * 2 + ["40", "1"], f"opposite: {degrees['opposite']}")
    check(degrees["kicks"] == ["3", "3.00", "3", "30", "30.00", "30", "90", "1"], f"kicks: {degrees['kicks']}")
    says(expected, r"^checksum  [0-9a-f]{16}$", "connections --statistics")
    return counts


def number_of_edges(path):
    with h5py.File(path, "r") as file:
        return sum(len(group["source_node_id"]) for group in file["edges"].values())


def check_export(counts, folder):
    edges = os.path.join(folder, "made", "edges")
    text = output_of("connections", LAYOUTS, "--export", edges, ranks=2)
    names = [name for name in counts if name != "total"]
    says(text, rf"^written to {edges}: {len(names)} files$", "--export")
    check(sorted(os.listdir(edges)) == sorted(name + ".h5" for name in names), f"--export: {os.listdir(edges)}")
    for name in names:
        n = number_of_edges(os.path.join(edges, name + ".h5"))
        check(n == int(counts[name][2]), f"--export: {name}.h5 has {n} edges, not {counts[name][2]}")
    refused(["connections", LAYOUTS, "--export", edges], f"the output folder '{edges}' exists already; --force", 2)
    output_of("connections", LAYOUTS, "--export", edges, "--force", ranks=2)
    unwritable = "/proc/glion/edges"  # where not even root may make a folder
    refused(["connections", LAYOUTS, "--export", unwritable], f"cannot make the output folder '{unwritable}'", 2)


def main():
    with workspace() as folder:
        network = os.path.join(folder, "network.glion")
        with open(network, "w") as file:
            file.write(NETWORK)
        for ranks in (1, 2):
            check_help(ranks)
            check_check(network, ranks)
        check_explain(network)
        check_drawn_delays()
        check_no_delay()
        check_seen_within(folder)
        check_arguments(network)
        check_models()
        check_option_forms(network, folder)
        check_start_alone()
        check_waiting()
        check_streams()
        check_given_settings_and_warnings(folder)
        check_unplannable(folder)
        check_each_model()
        check_shown_model()
        check_export(check_connections(), folder)
    finish()


main()
