/** HTTP routes for canaries. Only investigators and admins know of this confidential measure. */
import { formatInstant } from "@tocsin/base/instant"
import { ownerOf } from "@tocsin/marks/recipient"
import { route } from "../../kernel/action-context.ts"
import { type Touch, listCanaries } from "./actions/list-canaries.ts"
import type { GuessReason } from "./touch.ts"
import { canariesAnswer, canariesQuery } from "./schemas.ts"

const presentReason = ({ code, method, count }: GuessReason) => ({ code, method: method ?? null, count: count ?? null })

function presentTouch({ name: _, recipient, firstAt, lastAt, reasons, ...rest }: Touch) {
    const holder = rest.decoy ? { partner: null, person: null } : ownerOf(recipient)
    return {
        ...rest,
        ...holder,
        reasons: reasons.map(presentReason),
        firstAt: formatInstant(firstAt),
        lastAt: formatInstant(lastAt),
    }
}

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/canaries",
            side: "console",
            permission: "canary:read",
            summary:
                "Lists the canaries of one case or all, their touches and the background rate, and records the read",
            query: canariesQuery,
            answer: canariesAnswer,
        },
        async (ask) => {
            const overview = await listCanaries(ask, ask.query.case ?? null)
            return {
                zone: ask.services.canaryZone,
                versions: [...overview.versions],
                touches: overview.touches.map(presentTouch),
                background: [...overview.background],
                unknownNames: [...overview.unknownNames],
            }
        },
    ),
]
