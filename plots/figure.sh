# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2034,SC2016 # variables are for who sources this; $ is awk's
# figure.sh - read by each figure's script: finds the run, the tools and the machine's
# name, and turns a gnuplot script into an SVG that says what it shows, and a PNG.

# Sets run, experiment, summary, data, plots, awk, gnuplot, cpus, limit_us.
# $1: the figure; $2: the run folder; $3: the experiment (its name is the figure's).
figure_open()
{
	figure=$1
	if [ $# -lt 2 ] || [ $# -gt 3 ]; then
		echo "usage: $figure.sh RUN [EXPERIMENT]" >&2
		exit 2
	fi
	run=${2%/}
	experiment=${3:-$figure}
	plots=$(cd "$(dirname "$0")" && pwd)
	awk=${AWK:-awk}
	gnuplot=${GNUPLOT:-gnuplot}
	if [ ! -r "$run/trials.tsv" ]; then
		echo "$figure: $run/trials.tsv: not there or not readable" >&2
		exit 2
	fi
	if ! command -v "$gnuplot" >/dev/null; then
		echo "$figure: $gnuplot was not found (Debian: gnuplot-nox)" >&2
		exit 2
	fi
	case $run in
	/*) ;;
	*) run=./$run ;;
	esac
	summary=$run/summary.tsv
	[ -r "$summary" ] || summary=/dev/null
	cpus=$(manifest_value cpus_online)
	limit_us=$(manifest_limit_us)
	data=$run/figures/data
	mkdir -p "$data"
}

# $1: a further table of the run, without which there is nothing to draw.
figure_table()
{
	[ -r "$run/$1" ] && return
	echo "$figure: $run/$1: not there or not readable" >&2
	exit 2
}

# What a paper published goes to the data, without its comments: $1.tsv is in results/published
# of the source tree; installed it is among the figures.
figure_published()
{
	for folder in "$plots/../results/published" "$plots"; do
		[ -r "$folder/$1.tsv" ] || continue
		grep -v '^#' "$folder/$1.tsv" >"$data/$1.tsv"
		return
	done
	echo "$figure: published/$1.tsv: not there or not readable" >&2
	exit 2
}

# The first string or number with this key in the run's manifest, which has a line for each;
# empty where there is none.  Enough for a title: everything measured comes from the tables.
manifest_value()
{
	[ -r "$run/manifest.json" ] || return 0
	sed -n 's/^[[:space:]]*"'"$1"'": *"\{0,1\}\([^",]*\).*/\1/p' "$run/manifest.json" | head -n 1
}

# "20 other variants are left to: duality bench tcp", if the manifest's notes say so.
manifest_left()
{
	[ -r "$run/manifest.json" ] || return 0
	sed -n 's/^[[:space:]]*"\([0-9]* other variants* [a-z]* left to[^"]*\)".*/\1/p' \
		"$run/manifest.json"
}

# How many CPUs servers had, out of a list as in "0,2-3" (a suite's number of them, which has no
# quotes, is what was asked for); empty where it is not known.
manifest_server_cpus()
{
	[ -r "$run/manifest.json" ] || return 0
	sed -n 's/^[[:space:]]*"server_cpus": *"\([^"]*\)".*/\1/p' "$run/manifest.json" |
		"$awk" -F, 'NR == 1 {
			for (i = 1; i <= NF; i++)
				n += split($i, end, "-") > 1 ? end[2] - end[1] + 1 : 1
			print n
		}'
}

# The latency limit of the experiment: "name" comes after "limit_us" in its object.
manifest_limit_us()
{
	[ -r "$run/manifest.json" ] || return 0
	"$awk" -F '[:,]' -v name="\"name\": \"$experiment\"" '/{/ { limit = "" }
		/"limit_us"/ { limit = $2 + 0 }
		index($0, name) && limit != "" { print limit; exit }' "$run/manifest.json"
}

# One line: the machine, its system, the run, and what forbids a claim.
machine_text()
{
	text=
	for key in host cpu cpus_online virtual kernel commit one_cpu; do
		value=$(manifest_value "$key" | tr -d "'\\\\")
		case $key:$value in
		*: | one_cpu:false | virtual:null) continue ;;
		cpus_online:*) value="$value CPUs" ;;
		virtual:true) value='virtual machine' ;;
		kernel:*) value="Linux $value" ;;
		commit:*) value="commit $value" ;;
		one_cpu:true) value='SERVER AND CLIENT SHARED ONE CPU: NO CLAIMS' ;;
		esac
		text="$text${text:+ · }$value"
	done
	echo "${text:-machine not recorded}"
}

# $1: the figure; $2, $3: the SVG's title and description.
figure_draw()
{
	printf "MACHINE = '%s'\n" "$(machine_text)" >"$data/$1.machine"
	for kind in svg png; do
		(cd "$data" &&
			"$gnuplot" -c "$plots/$1.gp" "$kind" "$plots" ../"$1.$kind.new")
	done
	# gnuplot names itself in <title> and <desc>: say what is shown instead.  Its bold is part
	# of the font's name, which no browser knows.
	fonts='DejaVu Sans, Verdana, sans-serif'
	sed -e "s|<title>.*</title>|<title>$2</title>|" \
		-e "s|<desc>.*</desc>|<desc>$3</desc>|" \
		-e "s|font-family=\"DejaVu Sans:Bold\"|font-family=\"$fonts\" font-weight=\"bold\"|" \
		-e "s|font-family=\"DejaVu Sans\"|font-family=\"$fonts\"|" \
		-e 's|^<svg *$|<svg role="img"|' \
		"$run/figures/$1.svg.new" >"$run/figures/$1.svg"
	rm "$run/figures/$1.svg.new"
	mv "$run/figures/$1.png.new" "$run/figures/$1.png"
}
