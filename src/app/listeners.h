// The listeners beside the main one: the live feed and the Prometheus exporter, where the settings
// want them.
#pragma once

#include <atomic>
#include <memory>

#include "api/dispatch.h"
#include "app/app.h"
#include "app/server_settings.h"
#include "engine/net/server.h"
#include "surface/http/exporter.h"
#include "surface/live/live_surface.h"

namespace credence {

// Beyond loopback nobody gets in without a key: refuse to start rather than to serve openly.
// Code::invalid with the setting.
Result<void> check_exposure(App& app, const ListenAddress& listen, const std::string& setting);

class Listeners {
public:
    // All of it must outlive this.
    Listeners(App& app, Dispatcher& dispatcher, std::atomic<bool>& ready)
        : app_(app), dispatcher_(dispatcher), ready_(ready) {}

    // Binds. Code::invalid or unavailable with the setting.
    Result<void> open();
    void start();
    void stop(std::int64_t timeout_ms);

private:
    Result<void> open_live();
    Result<void> open_exporter();

    App& app_;
    Dispatcher& dispatcher_;
    std::atomic<bool>& ready_;
    std::unique_ptr<surface::LiveSurface> live_;
    std::unique_ptr<surface::Exporter> exporter_;
    std::unique_ptr<net::Server> live_server_;
    std::unique_ptr<net::Server> exporter_server_;
};

}  // namespace credence
