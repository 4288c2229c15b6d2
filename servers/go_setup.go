// SPDX-License-Identifier: BSD-2-Clause

// go_setup.go - what is beside go.go's service: options, --about, counters, CPUs.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"unsafe"
)

var version string // set by the linker

const about = `[{"name": "go", "args": [], "family": "reference", "style": "direct",
  "summary": "Go's net/http, a goroutine per connection",
  "protocols": ["http"], "needs": ["go"],
  "overload": "defer",
  "options": ["address", "port", "root", "cpus", "max-connections", "counters"]}]
`

const help = `usage: go [options]
Go's net/http, a goroutine per connection (GOMAXPROCS: the CPUs it may run on)

  --address A          listen on this IPv4 address (127.0.0.1)
  --port N             and this port (0: the kernel picks)
  --root DIR           serve the files below DIR (.)
  --cpus LIST          run on these CPUs only, as in 0,2-3
  --max-connections N  at once; further ones wait in the backlog
  --counters FILE      write them there at the end; live in FILE.live
  --about              describe the variants as JSON
  --help  --version
`

func stop(status int, text ...any) {
	fmt.Fprintln(os.Stderr, text...)
	os.Exit(status)
}

// Counters, laid out as in servers/core/counters.h, with one shard.
const (
	countRequests = iota
	countOpened
	countClosed
	countPeak
	countErrors // the replies of status 400 and above that are made here
	countDeferred
	countNames
)

var names = [countNames]string{"requests", "connections_opened", "connections_closed",
	"connections_peak", "errors", "deferred"}

type counters struct {
	magic                        [16]byte
	version, shards, slots, used uint32
	name                         [32][32]byte
	_                            [96]byte // a shard begins at a multiple of 128
	value                        [32]uint64
}

var counted = new(counters)

// mapCounters moves them into a file that others may read.
func mapCounters(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	size := int(unsafe.Sizeof(*counted))
	if err := syscall.Fallocate(int(file.Fd()), 0, 0, int64(size)); err != nil {
		return err
	}
	bytes, err := syscall.Mmap(int(file.Fd()), 0, size,
		syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return err
	}
	counted = (*counters)(unsafe.Pointer(&bytes[0]))
	counted.version, counted.shards, counted.slots = 1, 1, 32
	counted.used = countNames
	for i, name := range names {
		copy(counted.name[i][:], name)
	}
	copy(counted.magic[:], "duality-counter")
	return nil
}

func count(which int) {
	atomic.AddUint64(&counted.value[which], 1)
}

func writeCounters(to io.Writer) error {
	values := map[string]uint64{}
	for i, name := range names {
		values[name] = atomic.LoadUint64(&counted.value[i])
	}
	return json.NewEncoder(to).Encode(values)
}

type options struct {
	address, root, cpus, counters string
	port, connections             uint
}

func readOptions() options {
	var o options
	var limit syscall.Rlimit
	f := flag.NewFlagSet("go", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	most := uint(65536) // and a connection may have a file open
	if limit.Cur/2 < uint64(most) {
		most = uint(limit.Cur / 2)
	}
	f.StringVar(&o.address, "address", "127.0.0.1", "")
	f.UintVar(&o.port, "port", 0, "")
	f.StringVar(&o.root, "root", ".", "")
	f.StringVar(&o.cpus, "cpus", "", "")
	f.UintVar(&o.connections, "max-connections", most, "")
	f.StringVar(&o.counters, "counters", "", "")
	tell := f.Bool("about", false, "")
	tellVersion := f.Bool("version", false, "")
	err := f.Parse(os.Args[1:])
	address, wrong := netip.ParseAddr(o.address)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Print(help)
		os.Exit(0)
	case err != nil:
		stop(2, "go:", err)
	case f.NArg() > 0:
		stop(2, "go:", f.Arg(0)+": not an option")
	case *tell:
		fmt.Print(about)
		os.Exit(0)
	case *tellVersion:
		fmt.Println("go (" + version + ")")
		os.Exit(0)
	case wrong != nil || !address.Is4():
		stop(2, "--address", o.address+": not an IPv4 address")
	case o.port > 65535:
		stop(2, "--port", fmt.Sprint(o.port)+": out of range")
	case o.connections < 1 || o.connections > 1<<24:
		stop(2, "--max-connections", fmt.Sprint(o.connections)+": out of range")
	}
	return o
}

type cpuSet [128]byte

// affinity gets or sets the calling thread's CPUs.
func (set *cpuSet) affinity(call uintptr) error {
	_, _, err := syscall.RawSyscall(call, 0, unsafe.Sizeof(*set),
		uintptr(unsafe.Pointer(set)))
	if err != 0 {
		return err
	}
	return nil
}

func parseCPUs(list string) (set cpuSet, err error) {
	for _, item := range strings.Split(list, ",") {
		from, to, many := strings.Cut(item, "-")
		if !many {
			to = from
		}
		first, wrong := strconv.ParseUint(from, 10, 10)
		last, wrong2 := strconv.ParseUint(to, 10, 10)
		if wrong != nil || wrong2 != nil || last < first {
			return set, errors.New("not a list of CPUs such as 0,2-3")
		}
		for ; first <= last; first++ {
			set[first/8] |= 1 << (first % 8)
		}
	}
	return set, nil
}

// bind runs the process on these CPUs.  One thread can be bound, and the runtime has
// others by now, and has counted the CPUs: so begin anew if that changed anything.
func bind(list string) error {
	var before, after cpuSet
	wanted, err := parseCPUs(list)
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := before.affinity(syscall.SYS_SCHED_GETAFFINITY); err != nil {
		return err
	}
	if err := wanted.affinity(syscall.SYS_SCHED_SETAFFINITY); err != nil {
		return err
	}
	after.affinity(syscall.SYS_SCHED_GETAFFINITY)
	if after == before {
		return nil
	}
	return syscall.Exec("/proc/self/exe", os.Args, os.Environ())
}
