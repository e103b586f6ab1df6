/** Sends a checkpoint to a witness that the operator named: by https, or on this machine by http. */
import { openNamedHostFetch } from "./named-host-fetch.ts"
import type { WitnessAnswer } from "../../kernel/services.ts"

/** Returns status and text of the answer; null where there is none within five seconds. */
export async function askWitness(url: string, body: string): Promise<WitnessAnswer | null> {
    try {
        const address = `${url.replace(/\/$/, "")}/add-checkpoint`
        const answer = await openNamedHostFetch(url)(address, { method: "POST", headers: {}, body })
        return { status: answer.status, text: await answer.text() }
    } catch {
        return null
    }
}
