/** Finds ids of confidential matters that people outside them see. */
import { allRoutes } from "../../../server/src/routes.ts"
import { membersBy } from "./judging.ts"
import type { Event } from "./oracle.ts"
import type { Playing } from "./playing.ts"

const sides = ["console", "portal"] as const
/** Addresses without ids; a stream does not end. */
const addresses = (side: (typeof sides)[number]) =>
    allRoutes.filter(
        ({ method, path, ...rest }) =>
            method === "GET" && rest.side !== (side === "console" ? "portal" : "console") && !/[{]|events/.test(path),
    )

const idsIn = (events: readonly Event[], subject: string) => events.filter(({ body }) => body["inquiry"] === subject)

/** Ids that an inquiry created, without its own. */
function ownOf(events: readonly Event[], inquiry: string): string[] {
    const names = ["finding", "approval"] as const
    const own = idsIn(events, inquiry).flatMap(({ body }) => names.flatMap((name) => body[name] ?? []))
    return [inquiry, ...new Set(own.map(String))]
}

/** Each as person, address and id. */
export async function leaksOf(playing: Playing, events: readonly Event[]): Promise<string[]> {
    const found: string[] = []
    const members = membersBy(events)
    const sealed = members.inquiries().map((inquiry) => ({ inquiry, ids: ownOf(events, inquiry) }))
    const { console, portal } = playing.its.apps
    for (const { person, token } of playing.tokens) {
        const headers = { authorization: `Bearer ${token}` }
        const out = sealed.filter(({ inquiry }) => !members.membersOf(inquiry).has(person))
        for (const { path } of addresses("console")) {
            const { body } = await console.inject({ url: path, headers })
            found.push(...describe(out, body).map((id) => `${person} ${path} ${id}`))
        }
        for (const { inquiry } of out) {
            const { statusCode } = await console.inject({ url: `/api/inquiries/${inquiry}`, headers })
            if (statusCode === 200) found.push(`${person} reads ${inquiry}`)
        }
    }
    for (const { id, people } of playing.its.seeded.partners) {
        const headers = { authorization: `Bearer ${people[0]?.token}` }
        for (const { path } of addresses("portal")) {
            const { body } = await portal.inject({ url: path, headers })
            found.push(...describe(sealed, body).map((item) => `${id} ${path} ${item}`))
        }
    }
    return found
}

const describe = (sealed: readonly { readonly ids: readonly string[] }[], body: string): string[] =>
    sealed.flatMap(({ ids }) => ids.filter((id) => body.includes(id)))
