/** Describes the limits of a warning and their end in sentences, for formats without fields for them. */
import { formatInstant } from "@tocsin/base/instant"
import type { Pap } from "@tocsin/formats/stix/tlp"
import type { Warning } from "../share/delivery/actions/project-warnings.ts"

const deployments = {
    allowed: "Fixes and mitigations may be deployed.",
    hosted_only: "Fixes and mitigations may be deployed only where outsiders cannot see the change.",
    not_allowed: "Fixes and mitigations may not be deployed.",
} as const

/** Returns the description. `pap` is the label of the text; null where each text has its own. */
export function embargoText({ withdrawnAt, publication, permission }: Warning, pap: Pap | null): string {
    const secrecyText =
        publication === null
            ? "Secret until it is published: no instant is agreed yet."
            : `Secret until ${formatInstant(publication)}, when it is published. This instant can move: read it ` +
              "again before you act on it."
    const sentences = [
        withdrawnAt === null
            ? secrecyText
            : `Withdrawn at ${formatInstant(withdrawnAt)}: it will not be published, and stays secret.`,
        ...(pap === null ? [] : [`PAP:${pap}.`]),
        ...(permission === null
            ? []
            : [`Before publication: ${deployments[permission.deployment]} ${permission.text}`]),
    ]
    return sentences.join(" ")
}
