/** Actions that partners' leads try, as far as they are permitted. */
import { type Instant, formatInstant, hourMs } from "@tocsin/base/instant"
import { signedInAs } from "../../support/signed-in.ts"
import type { Demonstration } from "../../support/demonstration.ts"
import type { PartnerAct } from "./commands.ts"

type Listed = Readonly<Record<string, unknown>> & { readonly id: string }
type Raw = ReturnType<typeof signedInAs>["raw"]

export class Partners {
    private readonly its: Demonstration
    /** The last parts of addresses at which an action succeeded. */
    readonly did = new Set<string>()
    /** Reports of exploitation so far. */
    private seen = 0

    constructor(world: Demonstration) {
        this.its = world
    }

    async acceptAll(but: readonly string[]): Promise<void> {
        for (const { cast } of this.its.seeded.partners) if (!but.includes(cast.key)) await this.accepts(cast.key)
    }

    async action(key: string, kind: PartnerAct, now: Instant): Promise<void> {
        const { raw } = signedInAs(this.its, `${key}.lead`)
        if (kind === "accepts the agreement") await this.accepts(key)
        else if (kind === "sees it exploited" || kind === "is protected") await this.tells(raw, kind, now)
        else if (kind === "takes that back") {
            for (const { id } of await list(raw, "/api/sightings", "sightings")) {
                await this.posts(raw, `/api/sightings/${id}/withdraw`)
            }
        } else if (kind === "answers" || kind === "appeals") await this.writes(raw, kind)
        else if (kind === "has deleted") {
            for (const { id } of await list(raw, "/api/recalls", "recalls")) {
                await this.posts(raw, `/api/recalls/${id}/confirm-deletion`)
            }
        } else await this.consents(raw, kind)
    }

    private async accepts(key: string): Promise<void> {
        const { raw } = signedInAs(this.its, `${key}.lead`)
        const versions = (await list(raw, "/api/agreements", "agreements")).map((listed) => Number(listed["version"]))
        await this.posts(raw, "/api/agreements/accept", { version: Math.max(...versions) })
    }

    private async consents(raw: Raw, kind: PartnerAct): Promise<void> {
        const warned = await list(raw, "/api/warnings", "warnings")
        const invited = await list(raw, "/api/consents", "invitations")
        for (const { id } of [...warned, ...invited]) {
            const path = `/api/consents/${id}`
            if (kind === "leaves") await this.posts(raw, `${path}/exit`)
            else await this.posts(raw, `${path}/answer`, { accepts: kind === "accepts" })
        }
    }

    private async tells(raw: Raw, kind: PartnerAct, now: Instant): Promise<void> {
        for (const { id: warning } of await list(raw, "/api/warnings", "warnings")) {
            this.seen += 1
            const id = `0d1b9c1e-5a55-4c8e-9a11-${String(this.seen).padStart(12, "0")}`
            const seen = { id, warning, observedAt: formatInstant(now - hourMs), clock: "unknown" }
            if (kind === "is protected")
                await this.posts(raw, "/api/protection-statuses", { warning, state: "in_progress" })
            else await this.posts(raw, "/api/sightings", seen)
        }
    }

    private async writes(raw: Raw, kind: PartnerAct): Promise<void> {
        const text = "We have looked into it."
        const action = kind === "answers" ? "answer" : "appeal"
        for (const { id } of await list(raw, "/api/letters", "letters")) {
            await this.posts(raw, `/api/letters/${id}/${action}`, { text })
        }
        for (const { id } of kind === "answers" ? await list(raw, "/api/inquiries", "questions") : []) {
            await this.posts(raw, `/api/inquiries/${id}/answer`, { text })
        }
    }

    private async posts(raw: Raw, path: string, body?: object): Promise<void> {
        const answer = await raw("POST", path, body)
        mustNotFail(path, answer)
        if (answer.statusCode === 200) this.did.add(path.replace(/.*\//, ""))
    }
}

/** Fails unless the action was done or refused. */
export function mustNotFail(kind: string, { statusCode, body }: Awaited<ReturnType<Raw>>): void {
    if (statusCode >= 500) throw new Error(`${kind}: ${statusCode} ${body}`)
}

/** Returns an empty list if access is refused. */
async function list(raw: Raw, path: string, name: string): Promise<readonly Listed[]> {
    return (await raw("GET", path)).json<Record<string, Listed[]>>()[name] ?? []
}
