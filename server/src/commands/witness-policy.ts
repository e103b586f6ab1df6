/** Reads the policy that names the witnesses of the receipt log. */
import fs from "node:fs"
import { type WitnessPolicy, fitInNote, isQuorum, parseWitnessPolicy } from "@tocsin/audit-log/witness-policy"
import { refuse } from "@tocsin/base/refusal"
import type { Witnessing } from "../kernel/services.ts"
import { askWitness } from "../platform/outgoing/ask-witness.ts"
import { isSecureAddress } from "../platform/outgoing/named-host-fetch.ts"

/** The former and the new keys sign while the keys of the log are replaced. */
const logKinds = ["ed25519", "ml_dsa_44", "ed25519", "ml_dsa_44"] as const

/**
 * Reads the policy of the log with this name. Refuses `settings.witness_policy` for a file that cannot be read, whose
 * witnesses cannot be reachable, or whose signatures do not fit with those of the log.
 */
export function readWitnessPolicy(file: string | null, logName: string): Witnessing | null {
    if (file === null) return null
    const policy = parseWitnessPolicy(readBytes(file))
    const problem = problemOf(policy, logName)
    if (problem !== null) refuseFile(file, problem)
    return { policy, ask: askWitness }
}

function readBytes(file: string): Buffer {
    try {
        return fs.readFileSync(file)
    } catch {
        return refuseFile(file, "it cannot be read")
    }
}

function problemOf(policy: WitnessPolicy, logName: string): string | null {
    const reachable = policy.witnesses.filter(({ url }) => url !== null)
    if (policy.quorum === null) return "its quorum is `none`"
    if (!isQuorum(policy, new Set(reachable.map(({ name }) => name)))) return "its witnesses with a URL are no quorum"
    const keys = [...logKinds.map((kind) => ({ name: logName, kind })), ...reachable.map(({ key }) => key)]
    if (!fitInNote(logName, keys)) return "a checkpoint cannot hold so many signatures"
    const wrong = reachable.find(({ url }) => !isSecureAddress(url ?? ""))
    return wrong === undefined ? null : `the URL of \`${wrong.name}\` must begin with https`
}

function refuseFile(file: string, problem: string): never {
    refuse("invalid", "settings.witness_policy", `the witness policy \`${file}\` cannot be used: ${problem}`)
}
