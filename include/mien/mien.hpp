// The whole library mien::mien: what predicts (mien/runtime.hpp, which the library mien::runtime alone is
// enough for), what reads data sets and measures (mien/eval.hpp, mien::eval), and what trains. Each of these
// headers may also be included by itself, which compiles faster.
#pragma once

#include "mien/autograd/face_loss.hpp"
#include "mien/autograd/gradient.hpp"
#include "mien/autograd/loss.hpp"
#include "mien/autograd/ops.hpp"
#include "mien/autograd/tape.hpp"
#include "mien/eval.hpp"
#include "mien/nn/initialize.hpp"
#include "mien/nn/network.hpp"
#include "mien/optim/adam.hpp"
#include "mien/optim/average.hpp"
#include "mien/optim/moment.hpp"
#include "mien/optim/optimizer.hpp"
#include "mien/optim/schedule.hpp"
#include "mien/optim/sgd.hpp"
#include "mien/train/checkpoint.hpp"
#include "mien/train/limits.hpp"
#include "mien/train/option_rows.hpp"
#include "mien/train/options.hpp"
#include "mien/train/resume.hpp"
#include "mien/train/rows.hpp"
#include "mien/train/run.hpp"
#include "mien/train/run_folder.hpp"
#include "mien/train/teachers.hpp"
#include "mien/train/trainer.hpp"
