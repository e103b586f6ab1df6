/**
 * Source code as a carrier: names of locals, equal forms, free order, values that the author marked as free, the wording
 * of comments. What is not certain to keep a program's behaviour, whatever its values are, is left out.
 */
import { refuse } from "../refusal.ts"
import type { Carrier } from "./carrier.ts"
import { identified, withoutConflicts, withoutErrors } from "./settled.ts"
import { commentDrafts } from "./source/comments.ts"
import { boundForms } from "./source/bounds.ts"
import { branchForms } from "./source/branches.ts"
import type { Draft, Source } from "./source/draft.ts"
import { bashForms } from "./source/forms-bash.ts"
import { cForms } from "./source/forms-c.ts"
import { csharpForms } from "./source/forms-csharp.ts"
import { goForms } from "./source/forms-go.ts"
import { powershellForms } from "./source/forms-powershell.ts"
import { rubyForms } from "./source/forms-ruby.ts"
import { javascriptForms } from "./source/forms-javascript.ts"
import { inversionDrafts } from "./source/inversion.ts"
import { pythonForms } from "./source/forms-python.ts"
import { markedDrafts } from "./source/markers.ts"
import { nameDrafts } from "./source/names.ts"
import { orderDrafts } from "./source/order.ts"
import { privateFields } from "./source/privates.ts"
import type { ScopeTable } from "./source/scopes.ts"
import { statementDrafts } from "./source/statements.ts"
import { bash } from "./source/scopes-bash.ts"
import { type Tongue, blockScopes } from "./source/scopes-blocks.ts"
import { c } from "./source/scopes-c.ts"
import { csharp } from "./source/scopes-csharp.ts"
import { go } from "./source/scopes-go.ts"
import { powershell } from "./source/scopes-powershell.ts"
import { ruby } from "./source/scopes-ruby.ts"
import { javascriptScopes } from "./source/scopes-javascript.ts"
import { pythonScopes } from "./source/scopes-python.ts"
import type { Parse } from "./syntax.ts"
import { withValues } from "./values.ts"

/**
 * The carrier of one language. Its `slots` refuses `mark.not_parsed` where the text is not that language, and
 * `mark.marker_unclear` where the author's markers do not fit.
 */
export function sourceCarrier(language: string, parse: Parse): Carrier {
    return withValues({
        name: `source:${language}`,
        slots(text) {
            const root = parse(text)
            if (root.hasError) refuse("invalid", "mark.not_parsed", `this is not \`${language}\` that can be parsed`)
            const source = { language, text, root }
            const found = [...certainDrafts(source), ...commentDrafts(source)]
            const kept = withoutConflicts(text.length, [...markedDrafts(source, found), ...found])
            return withoutErrors(text, identified(kept), (copy) => !parse(copy).hasError)
        },
    })
}

const tongues: Readonly<Record<string, { names: Tongue; forms: (source: Source) => Draft[] }>> = {
    bash: { names: bash, forms: bashForms },
    c: { names: c, forms: cForms },
    csharp: { names: csharp, forms: csharpForms },
    go: { names: go, forms: goForms },
    powershell: { names: powershell, forms: powershellForms },
    ruby: { names: ruby, forms: rubyForms },
}

function certainDrafts(source: Source): Draft[] {
    const common = [...boundForms(source), ...branchForms(source), ...inversionDrafts(source), ...orderDrafts(source)]
    const [table, own] = named(source)
    if (table === null) return []
    const fields = source.language === "csharp" ? privateFields(source) : []
    return [...nameDrafts(source, table, fields), ...own, ...common, ...statementDrafts(source, table)]
}

/** What each name of a file is, and the forms that are one language's own. */
function named(source: Source): [ScopeTable | null, Draft[]] {
    const tongue = tongues[source.language]
    if (tongue !== undefined) return [blockScopes(source, tongue.names), tongue.forms(source)]
    if (source.language === "python") return [pythonScopes(source), pythonForms(source)]
    if (!/^(javascript|typescript|tsx)$/.test(source.language)) return [null, []]
    const table = javascriptScopes(source)
    return [table, javascriptForms(source, table)]
}
