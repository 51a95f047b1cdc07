#!/usr/bin/env bash
# Installs tools for data science, each from its own default source. What cannot be had
# is listed at the end and in a file, and stops nothing: sources may be closed. It can
# run again at any time.
set -u

readonly environment=/opt/data-science
readonly azure_cli=/opt/azure-cli
readonly report=/var/log/jump-box-setup-missing.txt
readonly patience=900

export DEBIAN_FRONTEND=noninteractive
export PIP_DISABLE_PIP_VERSION_CHECK=1

missing=()

attempt() {
    local what=$1
    shift
    if "$@"; then
        echo "installed: ${what}"
    else
        echo "not installed: ${what}" >&2
        missing+=("${what}")
    fi
}

limited() {
    timeout "${patience}" "$@"
}

system_packages() {
    if command -v apt-get >/dev/null; then
        limited apt-get -q -o DPkg::Lock::Timeout=300 update
        limited apt-get -q -o DPkg::Lock::Timeout=300 install -y git python3-venv
    elif command -v dnf >/dev/null; then
        limited dnf -q -y install git python3-pip
    else
        return 1
    fi
}

python_packages() {
    local folder=$1
    shift
    if ! "${folder}/bin/python" -m pip --version >/dev/null 2>&1; then
        python3 -m venv --clear "${folder}" || return 1
    fi
    limited "${folder}/bin/python" -m pip install --quiet --upgrade "$@"
}

linked() {
    test -x "$1" && ln -sf "$1" "/usr/local/bin/$(basename "$1")"
}

machine_learning() {
    python_packages "${environment}" azure-ai-ml azure-identity jupyterlab &&
        linked "${environment}/bin/jupyter"
}

azure_command_line() {
    python_packages "${azure_cli}" azure-cli && linked "${azure_cli}/bin/az"
}

machine_learning_commands() {
    test -x "${azure_cli}/bin/az" &&
        limited "${azure_cli}/bin/az" extension add --system --upgrade --yes --name ml
}

attempt "Git and Python" system_packages
attempt "Azure Machine Learning for Python, and JupyterLab" machine_learning
attempt "Azure CLI" azure_command_line
attempt "ml extension of the Azure CLI" machine_learning_commands

printf '' >"${report}"
if ((${#missing[@]})); then
    printf '%s\n' "${missing[@]}" >"${report}"
    echo "Not installed, see ${report}:"
    cat "${report}"
fi
exit 0
