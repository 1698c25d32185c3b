%%%-------------------------------------------------------------------
%%% File    : mod_foyer_sup.erl
%%% Purpose : The processes of one host
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_sup).

-behaviour(supervisor).

%% API
-export([start/2, stop/1, start_link/2, configure/2]).
%% supervisor callbacks
-export([init/1]).

%%%===================================================================
%%% API.
%%%===================================================================

-spec start(binary(), gen_mod:opts()) -> {ok, pid()} | {error, term()}.
start(Host, Opts) ->
    Spec = #{id => name(Host), start => {?MODULE, start_link, [Host, Opts]},
             restart => permanent, shutdown => infinity, type => supervisor,
             modules => [?MODULE]},
    supervisor:start_child(ejabberd_gen_mod_sup, Spec).

-spec stop(binary()) -> ok.
stop(Host) ->
    _ = supervisor:terminate_child(ejabberd_gen_mod_sup, name(Host)),
    _ = supervisor:delete_child(ejabberd_gen_mod_sup, name(Host)),
    ok.

-spec start_link(binary(), gen_mod:opts()) -> {ok, pid()} | ignore | {error, term()}.
start_link(Host, Opts) ->
    supervisor:start_link({local, name(Host)}, ?MODULE, {Host, Opts}).

%% @doc Hands changed options to the running processes.
-spec configure(binary(), gen_mod:opts()) -> ok.
configure(Host, Opts) ->
    mod_foyer_spool:configure(Host, spool_options(Opts)),
    mod_foyer_seen:configure(Host, seen_options(Opts)),
    mod_foyer_courier:configure(Host, courier_options(Opts)),
    mod_foyer_presence:configure(Host, maps:get(ping_interval, Opts)).

%%%===================================================================
%%% supervisor callbacks.
%%%===================================================================

%% Who depends on the spool comes after it.
-spec init({binary(), gen_mod:opts()}) -> {ok, {supervisor:sup_flags(), [supervisor:child_spec()]}}.
init({Host, Opts}) ->
    Dir = directory(Host, Opts),
    {ok, {#{strategy => rest_for_one, intensity => 10, period => 10},
          [child(mod_foyer_spool, [Host, Dir, spool_options(Opts)]),
           child(mod_foyer_seen, [Host, Dir, seen_options(Opts)]),
           child(mod_foyer_courier, [Host, courier_options(Opts)]),
           child(mod_foyer_presence, [Host, maps:get(ping_interval, Opts)])]}}.

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec child(module(), list()) -> supervisor:child_spec().
child(Module, Args) ->
    #{id => Module, start => {Module, start_link, Args}, shutdown => 10000, modules => [Module]}.

-spec directory(binary(), gen_mod:opts()) -> file:filename().
directory(Host, #{spool_dir := undefined}) ->
    filename:join([mnesia:system_info(directory), "foyer", binary_to_list(Host)]);
directory(Host, #{spool_dir := Dir}) ->
    filename:join(unicode:characters_to_list(Dir), binary_to_list(Host)).

-spec spool_options(gen_mod:opts()) -> mod_foyer_spool:options().
spool_options(#{spool_max_events := Events, spool_max_bytes := Bytes, spool_sync := Sync}) ->
    #{max_events => Events, max_bytes => Bytes, sync => Sync}.

-spec seen_options(gen_mod:opts()) -> mod_foyer_seen:options().
seen_options(#{seen_max := Max, seen_age := Age}) -> #{max => Max, age => Age div 1000}.

-spec courier_options(gen_mod:opts()) -> mod_foyer_courier:options().
courier_options(#{hooks_url := Url, hooks_secrets := Secrets, request_timeout := Timeout,
                  batch_max_events := Events, batch_max_bytes := Bytes}) ->
    #{url => Url, secrets => Secrets, timeout => Timeout, max_events => Events,
      max_bytes => Bytes}.

-spec name(binary()) -> atom().
name(Host) -> gen_mod:get_module_proc(Host, ?MODULE).
