#pragma once

// The author's contract of a sink.
//
// A sink is a callable `void(const T&)` or any class with one of
//
//     R write(std::span<const T> records);        // R: void or weir::result<>
//     R write(const weir::records<T>& records);   // the same with the id and origin time of each record
//
// A call gets one task: at most `batch_size` records, each of which is delivered when the call succeeds, and
// none of which is when it throws or returns an error: it must be all or nothing (one transaction a call). By
// default a failed write is tried again without limit (the world outside is away; the stream waits); with a
// permanent error the task is split until the record at fault stands alone and goes to the dead letters; with
// an exhausted error (disk full) the sources stop and the run ends uncleanly. Optional members:
//
//     void on_start();   // open, connect; tried again a few times (node_options::restart), then the workflow
//     fails R on_drain();      // flush and close; the last call
//
// Calls come from one thread at a time. A write may be repeated after a failure whose outcome is unknown, so
// a sink that must not double should use the record's own key or its id.

#include <weir/base/result.hpp>
#include <weir/record/records.hpp>

#include <span>
