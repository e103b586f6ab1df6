/** Sends a call to the receiver of alarms that the operator named: by https, or on this machine by http. */
import { openNamedHostFetch } from "./named-host-fetch.ts"

/** Returns the status of the answer; null where there is none within five seconds. */
export async function postAlarm(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
): Promise<number | null> {
    try {
        const sent = { "content-type": "application/json", "user-agent": "Tocsin-Webhooks/1", ...headers }
        return (await openNamedHostFetch(url)(url, { method: "POST", headers: sent, body })).status
    } catch {
        return null
    }
}
