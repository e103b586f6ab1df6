/** Where somebody who is not on a sealed matter is told an id of it. */
import { allRoutes } from "../../../src/routes.ts"
import { membersBy } from "./judging.ts"
import type { Event } from "./oracle.ts"
import type { Playing } from "./playing.ts"

const sides = ["console", "portal"] as const
/** Without ids in their addresses; a stream does not end. */
const addresses = (side: (typeof sides)[number]) =>
    allRoutes.filter(
        ({ method, path, ...one }) =>
            method === "GET" && one.side !== (side === "console" ? "portal" : "console") && !/[{]|events/.test(path),
    )

const idsIn = (all: readonly Event[], of: string) => all.filter(({ body }) => body["inquiry"] === of)

/** What an inquiry came to have besides its own id. */
function ownOf(all: readonly Event[], inquiry: string): string[] {
    const names = ["finding", "approval"] as const
    const own = idsIn(all, inquiry).flatMap(({ body }) => names.flatMap((name) => body[name] ?? []))
    return [inquiry, ...new Set(own.map(String))]
}

/** Each as who, where, and which. */
export async function leaksOf(playing: Playing, all: readonly Event[]): Promise<string[]> {
    const found: string[] = []
    const members = membersBy(all)
    const sealed = members.inquiries().map((one) => ({ inquiry: one, ids: ownOf(all, one) }))
    const { console, portal } = playing.its.apps
    for (const { person, token } of playing.tokens) {
        const headers = { authorization: `Bearer ${token}` }
        const out = sealed.filter(({ inquiry }) => !members.membersOf(inquiry).has(person))
        for (const { path } of addresses("console")) {
            const { body } = await console.inject({ url: path, headers })
            found.push(...told(out, body).map((id) => `${person} ${path} ${id}`))
        }
        for (const { inquiry } of out) {
            const { statusCode } = await console.inject({ url: `/api/inquiries/${inquiry}`, headers })
            if (statusCode === 200) found.push(`${person} reads ${inquiry}`)
        }
    }
    for (const { id, persons } of playing.its.seeded.partners) {
        const headers = { authorization: `Bearer ${persons[0]?.token}` }
        for (const { path } of addresses("portal")) {
            const { body } = await portal.inject({ url: path, headers })
            found.push(...told(sealed, body).map((one) => `${id} ${path} ${one}`))
        }
    }
    return found
}

const told = (sealed: readonly { readonly ids: readonly string[] }[], body: string): string[] =>
    sealed.flatMap(({ ids }) => ids.filter((id) => body.includes(id)))
