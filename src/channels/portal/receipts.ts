/** The portal's API of receipts: what a partner fetched, confirmed and deleted, and the proof of each. */
import { Type } from "typebox"
import { formatInstant } from "../../lib/instant.ts"
import { type Act, route } from "../../trust/audit/actions.ts"
import { casesHidden } from "../../trust/partners/actions/circles.ts"
import { receiptFor } from "../../trust/receipts/actions/showing.ts"
import { nameFor } from "../../share/delivery/actions/names.ts"
import { deletionsBy } from "../../share/delivery/actions/own-recalls.ts"
import { partnerOf } from "../../share/delivery/actions/projection.ts"
import { receiptsOf } from "../../share/delivery/actions/receipts.ts"

const id = Type.String({ format: "uuid" })
const portal = { side: "portal" as const }

const receiptsMax = 500

type Proven = Omit<Awaited<ReturnType<typeof deletionsBy>>[number], "recall">

/** What the partner fetched and confirmed, the newest first, in ids as this partner knows them. */
async function ownReceipts(act: Act, partner: string) {
    const { fetched, acknowledged } = await receiptsOf(act, { partner, case: null, before: null })
    const known = (kind: "fetched" | "acknowledged" | "deleted") => (one: Proven) => ({
        ...{ id: one.id, kind, at: one.at, person: one.person },
        ...{ version: Math.max(...one.versions), versions: [...one.versions] },
        warning: nameFor(act.doors.keys, partner, "warning", one.case),
        artifact: nameFor(act.doors.keys, partner, "artifact", one.artifact),
    })
    const ofOne = <One extends { readonly version: number }>(one: One) => ({ ...one, versions: [one.version] })
    const inOrder = [
        ...fetched.map((one) => ({ ...known("fetched")(ofOne(one)), channel: one.channel })),
        ...acknowledged.map(ofOne).map(known("acknowledged")),
        ...(await deletionsBy(act, partner)).map(known("deleted")),
    ]
    return inOrder.toSorted((a, b) => a.at - b.at).toReversed()
}

/** Of a warning, by the name that this partner knows it by. */
async function seesWarning(act: Act, partner: string): Promise<(warning: string) => boolean> {
    const hidden = [...(await casesHidden(act))].map((one) => nameFor(act.doors.keys, partner, "warning", one))
    return (warning) => !hidden.includes(warning)
}

export const receiptRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/receipts",
            needs: "receipt:read",
            does: "What this partner fetched and confirmed, the newest first, each with the id of its receipt",
            answer: Type.Object({
                receipts: Type.Array(
                    Type.Object({
                        ...{ id, at: Type.String(), person: id, warning: id, artifact: id, version: Type.Integer() },
                        /** Of a deletion, all that were deleted; `version` is the newest of them. */
                        versions: Type.Array(Type.Integer()),
                        kind: Type.Union(["fetched", "acknowledged", "deleted"].map((one) => Type.Literal(one))),
                        /** Of a fetch: `copy`, which has a receipt; or to which machine, by a page that is recorded alone. */
                        channel: Type.Optional(Type.String()),
                    }),
                ),
                /** Whether there are older ones, which this list leaves out. */
                more: Type.Boolean(),
            }),
        },
        async (ask) => {
            const all = await ownReceipts(ask, partnerOf(ask).partner)
            const receipts = all.slice(0, receiptsMax).map((one) => ({ ...one, at: formatInstant(one.at) }))
            return { receipts, more: all.length > receiptsMax }
        },
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/receipts/{id}",
            needs: "receipt:read",
            does: "The proof of a fetch, an acknowledgement or a deletion; `tocsin verify` checks it offline",
            params: Type.Object({ id }, { additionalProperties: false }),
            answer: Type.Object({ receipt: Type.String() }),
        },
        async (ask) => {
            const { partner } = partnerOf(ask)
            const maySee = await seesWarning(ask, partner)
            return { receipt: await receiptFor(ask, partner, ask.params.id, maySee) }
        },
    ),
]
