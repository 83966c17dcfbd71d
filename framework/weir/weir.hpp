#pragma once

// All of Weir that a workflow's author needs.

#include <weir/runtime/engine.hpp>
#include <weir/workflow/stream.hpp>
#include <weir/workflow/workflow_builder.hpp>
