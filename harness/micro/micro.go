// SPDX-License-Identifier: BSD-2-Clause

// micro.go - what goroutines cost, on one processor (GOMAXPROCS 1), by what people write:
// WaitGroup, Gosched, sync.Mutex, channels.  The lines and arguments of micro.h.
package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

type primitive struct {
	name, unit, reason string
	run                func(live int) float64
	sizes              []int
}

var (
	least    = 10 * time.Millisecond
	fixed    = 0 // loops instead
	switches = 0
)

// cpuNow is the process's CPU time (CLOCK_PROCESS_CPUTIME_ID), as micro_cpu_ns has it.
func cpuNow() time.Duration {
	const processCPU = 2
	var now syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, processCPU, uintptr(unsafe.Pointer(&now)), 0)
	return time.Duration(now.Nano())
}

// ns is micro_cpu_ns: how long one operation takes.
func ns(loop func(n int) int) float64 {
	n := 1
	if fixed > 0 {
		n = fixed
	}
	for {
		began := cpuNow()
		done := loop(n)
		took := cpuNow() - began
		if fixed > 0 || took >= least {
			return float64(took.Nanoseconds()) / float64(done)
		}
		factor := math.Min(1.2*float64(least)/math.Max(float64(took), 1), 10)
		n = int(math.Ceil(float64(n) * math.Max(factor, 1.2)))
	}
}

func create(int) float64 {
	return ns(func(n int) int {
		for i := 0; i < n; i++ {
			var group sync.WaitGroup
			group.Add(1)
			go func() { group.Done() }()
			group.Wait()
		}
		return n
	})
}

// switchBetween counts in one variable: on one processor, with no preemption in so short
// a loop, one goroutine at a time is at it.
func switchBetween(live int) float64 {
	stop := false
	var group sync.WaitGroup
	turns := func(n int) int {
		before := switches
		for i := 0; i < n; i++ {
			runtime.Gosched()
			switches++
		}
		return switches - before
	}
	for i := 1; i < live; i++ {
		group.Add(1)
		go func() {
			for !stop {
				runtime.Gosched()
				switches++
			}
			group.Done()
		}()
	}
	turns(2)
	value := ns(turns)
	stop = true
	group.Wait()
	return value
}

func mutexFree(int) float64 {
	var mutex sync.Mutex
	return ns(func(n int) int {
		for i := 0; i < n; i++ {
			mutex.Lock()
			mutex.Unlock()
		}
		return n
	})
}

func wake(int) float64 {
	there, back := make(chan int), make(chan int)
	go func() {
		for i := range there {
			back <- i
		}
	}()
	value := ns(func(n int) int {
		for i := 0; i < n; i++ {
			there <- i
			<-back
		}
		return 2 * n
	})
	close(there)
	return value
}

// wait takes one value, or gives up in an hour.
func wait(from chan int) (int, bool) {
	late := time.NewTimer(time.Hour)
	defer late.Stop()
	select {
	case value, open := <-from:
		return value, open
	case <-late.C:
		return 0, false
	}
}

func timer(int) float64 {
	there, back := make(chan int), make(chan int)
	go func() {
		for i, open := wait(there); open; i, open = wait(there) {
			back <- i
		}
	}()
	value := ns(func(n int) int {
		for i := 0; i < n; i++ {
			there <- i
			wait(back)
		}
		return 2 * n
	})
	close(there)
	return value
}

func residentKiB() float64 {
	status, err := os.Open("/proc/self/status")
	if err != nil {
		return math.NaN()
	}
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) > 1 && fields[0] == "RssAnon:" {
			kib, _ := strconv.ParseFloat(fields[1], 64)
			return kib
		}
	}
	return math.NaN()
}

func memory(live int) float64 {
	stop := make(chan bool)
	before := residentKiB()
	for i := 0; i < live; i++ {
		go func() { <-stop }()
	}
	runtime.Gosched()
	value := (residentKiB() - before) / float64(live)
	close(stop)
	return value
}

var primitives = []primitive{
	{"create", "ns", "", create, []int{0}},
	{"switch", "ns", "", switchBetween, []int{2, 10, 1000, 100000}},
	{"jump", "ns", "there is no way around its scheduler", nil, nil},
	{"mutex", "ns", "", mutexFree, []int{0}},
	{"wake", "ns", "", wake, []int{0}},
	{"timer", "ns", "", timer, []int{0}},
	{"memory", "KiB", "", memory, []int{1000, 100000}},
}

func list() {
	for _, p := range primitives {
		if p.reason != "" {
			fmt.Printf("%s\t-\t%s\n", p.name, p.reason)
		}
		for _, live := range p.sizes {
			fmt.Printf("%s\t%d\t%s\n", p.name, live, p.unit)
		}
	}
}

func fail(format string, args ...interface{}) {
	fmt.Fprintf(os.Stderr, "micro-go: "+format+"\n", args...)
	os.Exit(2)
}

// number reads a whole number from least on, or fails.
func number(what, text string, least int) int {
	value, err := strconv.ParseUint(text, 10, 30)
	if err != nil || int(value) < least {
		fail("%s: not a whole number from %d on: %s", what, least, text)
	}
	return int(value)
}

func measure(name string, repeat int) {
	wanted, size, sized := strings.Cut(name, "@")
	for _, p := range primitives {
		if p.name != wanted || p.reason != "" {
			continue
		}
		live := p.sizes[0]
		if sized && (live > 0 || size != "0") {
			live = number(name, size, 1)
		}
		for i := 0; i < repeat; i++ {
			fmt.Printf("%s\tgo\t%d\t%s\t%.6g\t-\n", p.name, live, p.unit, p.run(live))
		}
		return
	}
	fail("%s: not among what --list says", name)
}

func main() {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1) // no collector between: it has a thread of its own
	repeat := 1
	args := os.Args[1:]
	for ; len(args) > 1 && strings.HasPrefix(args[0], "--"); args = args[2:] {
		value := number(args[0], args[1], 1)
		switch args[0] {
		case "--repeat":
			repeat = value
		case "--least-ms":
			least = time.Duration(value) * time.Millisecond
		case "--loops":
			fixed = value
		default:
			fail("%s: no such option", args[0])
		}
	}
	switch {
	case len(args) != 1:
		fail("wants one PRIMITIVE[@LIVE], or --list")
	case args[0] == "--list":
		list()
	default:
		measure(args[0], repeat)
	}
}
