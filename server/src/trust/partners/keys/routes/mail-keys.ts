/** Routes of a partner's OpenPGP keys, and of the key that signs the program's mail. */
import { Type } from "typebox"
import { publicKeyCharsMax } from "../../../../platform/crypto/openpgp.ts"
import { route } from "../../../../kernel/action-context.ts"
import { findMailKey } from "../../../mail/actions/sign-mail.ts"
import { addMailKey, listMailKeys, revokeMailKey } from "../actions/manage-mail-keys.ts"
import { assertMember } from "../../roster/actions/manage-roster.ts"
import { presentMailKey } from "../../routes/present.ts"
import { byId, closed } from "../../../../kernel/schemas.ts"
import { mailKeyAnswer } from "../../schemas.ts"
import { emptyAnswer } from "../../../../kernel/schemas.ts"
import { mailKeysAnswer } from "../schemas.ts"

const portal = { side: "portal" as const }

export const mailKeyRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/mail-keys",
            permission: "own:read",
            summary: "Lists the OpenPGP keys of the caller's partner, and the key that signs the program's mail",
            answer: mailKeysAnswer,
        },
        async (ctx) => {
            const keys = (await listMailKeys(ctx, assertMember(ctx).partner)).map(presentMailKey)
            const key = keys.length === 0 ? null : await findMailKey(ctx)
            return { keys, signedWith: key && { fingerprint: key.fingerprint, publicText: key.publicText } }
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/mail-keys",
            permission: "own:extend",
            needsConfirmation: true,
            summary:
                "Adds an armoured OpenPGP public key for mail; the first is usable at once, later ones after 24 hours",
            creates: true,
            perHourMax: 60,
            body: Type.Object({ key: Type.String({ minLength: 1, maxLength: publicKeyCharsMax }) }, closed),
            answer: mailKeyAnswer,
        },
        async (ctx) => presentMailKey(await addMailKey(ctx, ctx.body.key)),
    ),
    route(
        {
            ...portal,
            method: "DELETE",
            path: "/api/mail-keys/{id}",
            permission: "own:lead",
            summary: "Revokes an OpenPGP key: no more mail is encrypted to it",
            params: byId,
            answer: emptyAnswer,
        },
        async (ctx) => {
            await revokeMailKey(ctx, ctx.params.id)
            return {}
        },
    ),
]
