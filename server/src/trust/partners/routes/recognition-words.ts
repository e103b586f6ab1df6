/** HTTP routes of the portal for a partner's recognition words. The operator has none. */
import { route } from "../../../kernel/action-context.ts"
import { assertMember } from "../roster/actions/manage-roster.ts"
import { changeRecognitionWords, findRecognitionWords } from "../roster/actions/set-recognition-words.ts"
import { recognitionWordsShape } from "../schemas.ts"

const portal = { side: "portal", path: "/api/recognition-words" } as const

export const recognitionWordsRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            permission: "own:read",
            summary: "Returns the words by which your people recognise mail with a link; null: none",
            answer: recognitionWordsShape,
        },
        async (ctx) => ({ words: await findRecognitionWords(ctx, assertMember(ctx).partner) }),
    ),
    route(
        {
            ...portal,
            method: "PUT",
            permission: "own:lead",
            needsConfirmation: true,
            perHourMax: 20,
            summary: "Sets these words, or none (null), and mails each of your people a notice with the earlier words",
            body: recognitionWordsShape,
            answer: recognitionWordsShape,
        },
        async (ctx) => ({ words: await changeRecognitionWords(ctx, ctx.credential, ctx.body.words) }),
    ),
]
