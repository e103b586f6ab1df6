/** What marks are good for, for authors and whoever approves; whose they are is the investigators'. */
import { Type } from "typebox"
import { route } from "../../trust/audit/actions.ts"
import { strengthFor } from "./actions.ts"

const byId = Type.Object({ id: Type.String({ format: "uuid" }) }, { additionalProperties: false })
const count = Type.Integer({ minimum: 0 })
const strength = Type.Object({
    /** How many who put their copies together the author wants told. */
    colluders: count,
    /** Partners that cases reach now. */
    recipients: count,
    slots: count,
    /** How many outlive what. */
    lasts: Type.Object({ value: count, wording: count, order: count, tripwire: count, typography: count }),
    errors: Type.Array(
        Type.Object({
            alpha: Type.Number(),
            /** Among how many recipients one whole copy names its owner; 0: among none. */
            among: count,
            /** About how many lasting slots of two forms it takes when so many merge their copies, and what there are. */
            merged: Type.Array(Type.Object({ colluders: count, needed: count, worth: count })),
        }),
    ),
})

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/artifacts/{id}/strength",
            side: "console",
            needs: "artifact:read",
            does: "What the marks of an artifact's newest version can tell apart; null where its kind carries none",
            params: byId,
            answer: Type.Object({ strength: Type.Union([strength, Type.Null()]) }),
        },
        async (ask) => {
            const found = await strengthFor(ask, ask.params.id, null)
            const errors = found?.errors.map((one) => ({ ...one, merged: [...one.merged] })) ?? []
            return { strength: found && { ...found, errors } }
        },
    ),
]
