#include <apps/weir/top/screen.hpp>

#include <apps/weir/top/poller.hpp>
#include <apps/weir/top/text.hpp>

#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <langinfo.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define NCURSES_NOMACROS 1
#include <ncurses.h>

namespace weir::top {

namespace {

/// A descriptor that is closed at the end.
class descriptor {
 public:
  explicit descriptor(int number) : number_(number) {}
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

enum color_pair : std::int16_t { green = 1, yellow = 2, red = 3, cyan = 4 };

/// ncurses from start to end. SIGINT and SIGTERM are read from `signals` meanwhile, so that no handler of
/// ncurses runs where it may not.
class terminal {
 public:
  explicit terminal(bool color) {
    sigemptyset(&taken_);
    sigaddset(&taken_, SIGINT);
    sigaddset(&taken_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &taken_, &before_);
    std::setlocale(LC_CTYPE, "");
    // A terminal of today shows UTF-8 even where nobody set a locale, but one of "C" may be any.
    ascii_ = std::string_view{nl_langinfo(CODESET)} != "UTF-8";
    screen_ = newterm(nullptr, stdout, stdin);
    if (screen_ == nullptr)
      return;
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    curs_set(0);
    set_escdelay(25);
    color_ = color && has_colors();
    if (color_) {
      start_color();
      use_default_colors();
      init_pair(green, COLOR_GREEN, -1);
      init_pair(yellow, COLOR_YELLOW, -1);
      init_pair(red, COLOR_RED, -1);
      init_pair(cyan, COLOR_CYAN, -1);
    }
  }
  ~terminal() {
    if (screen_ != nullptr) {
      endwin();
      delscreen(screen_);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  terminal(const terminal&) = delete;
  terminal& operator=(const terminal&) = delete;

  bool works() const { return screen_ != nullptr; }
  const sigset_t& signals() const { return taken_; }

  void draw(view& shown, const snapshot& now) {
    const int height = getmaxy(stdscr);
    const int width = getmaxx(stdscr);
    werase(stdscr);
    int row = 0;
    for (const line& l :
         shown.lines(now, static_cast<std::size_t>(width), static_cast<std::size_t>(height))) {
      const attr_t look = attributes(l.style);
      wattrset(stdscr, static_cast<int>(look));
      const std::string text = ascii_ ? ascii_only(l.text) : l.text;
      mvwaddnstr(stdscr, row++, 0, text.data(), static_cast<int>(text.size()));
    }
    wattrset(stdscr, A_NORMAL);
    wrefresh(stdscr);
  }

 private:
  attr_t attributes(style s) const {
    const auto pair = [this](color_pair p) -> attr_t { return color_ ? COLOR_PAIR(p) : A_NORMAL; };
    switch (s) {
    case style::title:
      return A_BOLD;
    case style::heading:
      return A_BOLD | pair(cyan);
    case style::selected:
      return A_REVERSE;
    case style::good:
      return pair(green);
    case style::warning:
      return A_BOLD | pair(yellow);
    case style::bad:
      return A_BOLD | pair(red);
    case style::faint:
      return color_ ? A_DIM : A_NORMAL;
    case style::plain:
      break;
    }
    return A_NORMAL;
  }

  SCREEN* screen_ = nullptr;
  bool color_ = false;
  bool ascii_ = false;
  sigset_t taken_{};
  sigset_t before_{};
};

view::action pass_on(view& shown, int code, const snapshot& now) {
  switch (code) {
  case KEY_UP:
    return shown.press(key::up, 0, now);
  case KEY_DOWN:
    return shown.press(key::down, 0, now);
  case KEY_PPAGE:
    return shown.press(key::page_up, 0, now);
  case KEY_NPAGE:
    return shown.press(key::page_down, 0, now);
  case KEY_HOME:
    return shown.press(key::home, 0, now);
  case KEY_END:
    return shown.press(key::end, 0, now);
  case KEY_ENTER:
  case '\r':
  case '\n':
    return shown.press(key::enter, 0, now);
  case 27:
    return shown.press(key::escape, 0, now);
  default:
    return code > 0 && code < 128 ? shown.press(key::character, static_cast<char>(code), now)
                                  : view::action::none;
  }
}

} // namespace

result<int> show_screen(client& from, snapshot first, duration interval, column by, bool color) {
  const descriptor news{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  if (news.number() < 0)
    return transient("no descriptor is left", "eventfd", "raise the limit: ulimit -n");
  terminal screen{color};
  if (!screen.works()) {
    const char* type = std::getenv("TERM");
    return permanent("the terminal's type is not known", "TERM=" + printable(type == nullptr ? "" : type, 80),
                     "set TERM, such as TERM=xterm, or use --once");
  }
  const descriptor signals{::signalfd(-1, &screen.signals(), SFD_NONBLOCK | SFD_CLOEXEC)};
  poller source{from, interval, std::move(first), [&news] {
                  const std::uint64_t one = 1;
                  (void)!::write(news.number(), &one, sizeof one);
                }};
  view shown{by};
  snapshot now = source.now();
  for (bool redraw = true;;) {
    if (redraw)
      screen.draw(shown, now);
    redraw = false;
    pollfd watched[] = {{STDIN_FILENO, POLLIN, 0}, {news.number(), POLLIN, 0}, {signals.number(), POLLIN, 0}};
    // A resize interrupts the wait; one that came just before it is seen a quarter of a second later.
    if (::poll(watched, 3, 250) < 0 && errno != EINTR)
      return transient("the terminal cannot be watched", "poll", "start it again");
    signalfd_siginfo told{};
    if (::read(signals.number(), &told, sizeof told) == static_cast<ssize_t>(sizeof told))
      return 128 + static_cast<int>(told.ssi_signo);
    std::uint64_t count = 0;
    if (::read(news.number(), &count, sizeof count) > 0) {
      now = source.now();
      redraw = true;
    }
    bool pressed = false;
    for (int code = wgetch(stdscr); code != ERR; code = wgetch(stdscr)) {
      pressed = true;
      redraw = true;
      const view::action asked = pass_on(shown, code, now);
      if (asked == view::action::quit)
        return 0;
      if (asked == view::action::toggle_pause) {
        source.toggle_pause();
        now.note = "asking the workflow";
      }
    }
    if ((watched[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0 && !pressed)
      return 0; // the terminal is gone
  }
}

} // namespace weir::top
