# bash completion of tcpstat-exporter. Written by the tests from the command line: change that, and run TCPSTAT_REWRITE=1 dotnet test.
_tcpstat_exporter() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= words= i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            serve | once | doctor | top | explain | probe | healthcheck | opener | help) command=${COMP_WORDS[i]} ;;
        esac
    done

    # readline takes --flag=value for three words
    if [[ $current == "=" ]]; then
        current=
    elif [[ $previous == "=" ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi

    case $previous in
        --unix-listeners) words="on off" ;;
        --source) words="auto procfs netlink" ;;
        --netns) words="auto off counters listeners" ;;
        --netns.series) words="trouble all" ;;
        --counters) words="curated all" ;;
        --log.level) words="debug info warn error" ;;
        --log.format) words="text json logfmt" ;;
        --format) words="text json" ;;
        --web.config.file | --path.procfs | --netns.opener | --path.pod-logs | --write-sysctl | --socket)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
            ;;
        --web.listen-address | --web.telemetry-path | --web.max-requests | --sample.interval | --listeners.interval | --listeners.max | --listeners.include | --listeners.exclude | --unix-listeners.max | --peak.window | --sample.cpu-budget | --sweep.cpu-budget | --netns.interval | --netns.max | --netns.include | --netns.exclude | --runbooks.url | --netns-label | --for | --port | --max-fill | --max-wait | --client-unit | --client-uid)
            return
            ;;
        *)
            words=--help
            case $command in
                serve) words+=" --web.listen-address --web.systemd-socket --web.telemetry-path --web.config.file --web.max-requests --sample.interval --listeners.interval --listeners.max --listeners.include --listeners.exclude --unix-listeners --unix-listeners.max --peak.window --source --sample.cpu-budget --sweep.cpu-budget --path.procfs --netns --netns.opener --netns.interval --netns.max --netns.series --netns.include --netns.exclude --path.pod-logs --counters --runbooks.url --log.level --log.format" ;;
                once) words+=" --netns-label --sample.interval --listeners.max --listeners.include --listeners.exclude --unix-listeners --unix-listeners.max --source --path.procfs --counters --log.level --log.format" ;;
                doctor) words+=" --for --format --all --write-sysctl --netns --path.pod-logs --listeners.include --listeners.exclude --source --path.procfs --runbooks.url --log.level --log.format" ;;
                top) words+=" --netns --path.pod-logs --once --for --format --sample.interval --listeners.interval --listeners.include --listeners.exclude --peak.window --source --sample.cpu-budget --sweep.cpu-budget --path.procfs --runbooks.url --log.level --log.format" ;;
                explain) words+=" --for --source --path.procfs --runbooks.url" ;;
                probe) words+=" --port --max-fill --max-wait --haproxy --path.procfs" ;;
                healthcheck) words+=" --web.listen-address" ;;
                opener) words+=" --socket --client-unit --client-uid" ;;
                "") words+=" serve once doctor top explain probe healthcheck opener help --web.listen-address --web.systemd-socket --web.telemetry-path --web.config.file --web.max-requests --sample.interval --listeners.interval --listeners.max --listeners.include --listeners.exclude --unix-listeners --unix-listeners.max --peak.window --source --sample.cpu-budget --sweep.cpu-budget --path.procfs --netns --netns.opener --netns.interval --netns.max --netns.series --netns.include --netns.exclude --path.pod-logs --counters --runbooks.url --log.level --log.format --version" ;;
            esac
            ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _tcpstat_exporter tcpstat-exporter
