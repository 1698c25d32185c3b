%%%-------------------------------------------------------------------
%%% File    : mod_foyer_options.erl
%%% Purpose : The options: types, defaults and what they mean
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_options).

-export([type/1, defaults/0, doc/0]).

-export_type([doc/0]).

-include("translate.hrl").

-type doc() :: #{desc := [binary()],
                 opts := [{atom(), #{value := binary() | string(), desc := binary()}}],
                 example := [string()]}.

%%%===================================================================
%%% API.
%%%===================================================================

-spec type(atom()) -> econf:validator().
type(hooks_url) -> econf:url([http, https]);
%% Unquoted YAML words arrive as atoms: econf:binary/0 takes both.
type(hooks_secrets) -> econf:list(econf:and_then(econf:binary(), fun secret/1));
type(service_account) -> econf:user();
type(instances_apart) -> econf:bool();
type(operators_group) -> econf:binary("^\\S+$");
type(rooms_prefix) -> econf:binary("^[a-z0-9-]+$");
type(visitors_group) -> econf:binary("^\\S+$");
type(spool_dir) -> econf:binary();
type(spool_sync) -> econf:bool();
type(spool_max_events) -> econf:pos_int();
type(spool_max_bytes) -> econf:pos_int();
type(batch_max_events) -> econf:int(1, 10000);
type(batch_max_bytes) -> econf:pos_int();
type(request_timeout) -> econf:timeout(second);
type(ping_interval) -> econf:timeout(second);
type(max_body) -> econf:pos_int();
type(seen_max) -> econf:int(1000, 100000000);
type(seen_age) -> econf:timeout(second).

-spec defaults() -> [{atom(), term()}].
defaults() ->
    [{hooks_url, undefined},
     {hooks_secrets, []},
     {service_account, <<"foyer">>},
     {instances_apart, true},
     {operators_group, <<"operators">>},
     {visitors_group, <<"visitors">>},
     {rooms_prefix, <<"foyer-">>},
     {spool_dir, undefined},
     {spool_sync, false},
     {spool_max_events, 1000000},
     {spool_max_bytes, 1073741824},
     {batch_max_events, 500},
     {batch_max_bytes, 1048576},
     {request_timeout, timer:seconds(30)},
     {ping_interval, timer:seconds(60)},
     {max_body, 30720},
     {seen_max, 200000},
     {seen_age, timer:hours(24 * 7)}].

%% @doc What `ejabberdctl man' says.
-spec doc() -> doc().
doc() ->
    #{desc =>
          [?T("Puts the visitors of a website on the contact list of the people who answer them, "
              "together with the Foyer bridge."), "",
           ?T("What operators write to visitors is kept on disk and sent to the bridge, signed "
              "and in order; visitors' accounts reach nobody but their operators.")],
      opts =>
          [{hooks_url,
            #{value => "URL",
              desc => ?T("Where the bridge takes events, e.g. "
                         "'http://127.0.0.1:8080/hooks/ejabberd'. Without it events wait.")}},
           {hooks_secrets,
            #{value => "[Secret, ...]",
              desc => ?T("Secrets 'whsec_<base64 of 24 to 64 bytes>', the newest first. Each "
                         "request carries one signature for each.")}},
           {service_account,
            #{value => ?T("User"), desc => ?T("The bridge's own account. Default: 'foyer'.")}},
           {instances_apart,
            #{value => "true | false",
              desc => ?T("Whether accounts and rooms whose names end in '.<instance>' are reached "
                         "and found by that instance's accounts only. Default: 'true'.")}},
           {operators_group,
            #{value => ?T("Group"),
              desc => ?T("Shared roster group of the operators; those of another instance are in "
                         "'<group>.<instance>'. Default: 'operators'.")}},
           {visitors_group,
            #{value => ?T("Group"),
              desc => ?T("The same for visitors. Default: 'visitors'.")}},
           {rooms_prefix,
            #{value => ?T("Text"),
              desc => ?T("What the names of Foyer's rooms begin with, on all of the host's "
                         "conference services. Nobody else can make one. Default: 'foyer-'.")}},
           {spool_dir,
            #{value => ?T("Path"),
              desc => ?T("Where events wait, a directory per host in it. Default: 'foyer' in "
                         "ejabberd's spool directory.")}},
           {spool_sync,
            #{value => "true | false",
              desc => ?T("Whether a message is accepted only when it survives a power cut. "
                         "Without it it survives the death of ejabberd. Default: 'false'.")}},
           {spool_max_events,
            #{value => ?T("Number"),
              desc => ?T("With so many waiting, operators get an error. Default: '1000000'.")}},
           {spool_max_bytes,
            #{value => ?T("Size"), desc => ?T("The same in bytes. Default: '1073741824'.")}},
           {batch_max_events,
            #{value => ?T("Number"), desc => ?T("Events in one request. Default: '500'.")}},
           {batch_max_bytes,
            #{value => ?T("Size"), desc => ?T("Bytes in one request. Default: '1048576'.")}},
           {request_timeout,
            #{value => "timeout()",
              desc => ?T("How long to wait for the bridge's answer. Default: '30 seconds'.")}},
           {ping_interval,
            #{value => "timeout()",
              desc => ?T("How often the snapshot of operators is sent. Default: '60 seconds'.")}},
           {max_body,
            #{value => ?T("Size"),
              desc => ?T("Longest text from an operator, in bytes. Default: '30720'.")}},
           {seen_max,
            #{value => ?T("Number"),
              desc => ?T("How many stanzas of visitors are remembered against repeats, at "
                         "least half of it. Default: '200000'.")}},
           {seen_age,
            #{value => "timeout()",
              desc => ?T("How long they are remembered, at least half of it. "
                         "Default: '7 days'.")}}],
      example =>
          ["modules:",
           "  mod_foyer:",
           "    hooks_url: http://127.0.0.1:8080/hooks/ejabberd",
           "    hooks_secrets:",
           "      - whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}.

%%%===================================================================
%%% Internal functions.
%%%===================================================================

%% The value itself isn't in the message: it would be in the log.
-spec secret(term()) -> mod_foyer_sign:sealed().
secret(Value) ->
    case is_binary(Value) andalso mod_foyer_sign:secret(Value) of
        {ok, Sealed} -> Sealed;
        _ -> econf:fail({invalid_syntax, "expected whsec_ and then base64 of 24 to 64 bytes"})
    end.
