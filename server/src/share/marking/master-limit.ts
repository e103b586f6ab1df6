/** The hourly limits of masters that one person may read without a second person. */
import type { Json } from "@tocsin/base/canonical"
import { hourMs } from "@tocsin/base/instant"
import type { Effects } from "../../trust/approvals/approval.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"

/** Different versions an hour of wall-clock time. Repeated reads of a version do not count. */
export const mastersPerHour: Readonly<Record<ArtifactClass, number>> = {
    poc: 3,
    repro: 5,
    technical: 15,
    patch: 15,
    guidance: 30,
    indicators: 30,
    rules: 30,
    summary: 30,
}

export const limitWindowMs = hourMs

export const readAction = "artifact.read_master"

/** Whether a read needs a second person's consent: each read of another author's proof of concept does. */
export function needsConsent(kind: ArtifactClass, isAuthor: boolean): boolean {
    return kind === "poc" && !isAuthor
}

/** Returns the effects that a second person signs: one read of one version by this reader. */
export function readEffects(reader: string, version: { case: string; artifact: string; version: number }): Effects {
    const detail: Json = { case: version.case, reader }
    return {
        action: readAction,
        recipients: [],
        at: null,
        detail,
        artifacts: [{ artifact: version.artifact, version: version.version }],
    }
}
