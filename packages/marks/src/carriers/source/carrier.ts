/**
 * Carries marks in source code: names of locals, equal forms, free order, values that the author marked as free, and
 * wording of comments. A change qualifies only if it certainly keeps the program's behaviour for all values.
 */
import { refuse } from "@tocsin/base/refusal"
import type { Carrier } from "../carrier.ts"
import { withIds, withoutConflicts, withoutErrors } from "../../lexicon/fixed-terms.ts"
import { commentDrafts } from "./comments.ts"
import { boundForms } from "./bounds.ts"
import { branchForms } from "./branches.ts"
import type { Draft, SourceCode } from "./drafts.ts"
import { bashForms } from "./languages/forms-bash.ts"
import { cForms } from "./languages/forms-c.ts"
import { csharpForms } from "./languages/forms-csharp.ts"
import { goForms } from "./languages/forms-go.ts"
import { powershellForms } from "./languages/forms-powershell.ts"
import { rubyForms } from "./languages/forms-ruby.ts"
import { javascriptForms } from "./languages/forms-javascript.ts"
import { inversionDrafts } from "./inversion.ts"
import { pythonForms } from "./languages/forms-python.ts"
import { markedDrafts } from "./markers.ts"
import { nameDrafts } from "./names.ts"
import { orderDrafts } from "./order.ts"
import { privateFields } from "./private-fields.ts"
import type { ScopeTable } from "./languages/scopes.ts"
import { statementDrafts } from "./statements.ts"
import { bash } from "./languages/scopes-bash.ts"
import { type BlockLanguage, blockScopes } from "./languages/scopes-blocks.ts"
import { c } from "./languages/scopes-c.ts"
import { csharp } from "./languages/scopes-csharp.ts"
import { go } from "./languages/scopes-go.ts"
import { powershell } from "./languages/scopes-powershell.ts"
import { ruby } from "./languages/scopes-ruby.ts"
import { javascriptScopes } from "./languages/scopes-javascript.ts"
import { pythonScopes } from "./languages/scopes-python.ts"
import type { Parse } from "../tree.ts"
import { withValues } from "../values.ts"

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
            const compatible = withoutConflicts(text.length, [...markedDrafts(source, found), ...found])
            return withoutErrors(text, withIds(compatible), (copy) => !parse(copy).hasError)
        },
    })
}

const blockLanguages: Readonly<Record<string, { names: BlockLanguage; forms: (source: SourceCode) => Draft[] }>> = {
    bash: { names: bash, forms: bashForms },
    c: { names: c, forms: cForms },
    csharp: { names: csharp, forms: csharpForms },
    go: { names: go, forms: goForms },
    powershell: { names: powershell, forms: powershellForms },
    ruby: { names: ruby, forms: rubyForms },
}

function certainDrafts(source: SourceCode): Draft[] {
    const common = [...boundForms(source), ...branchForms(source), ...inversionDrafts(source), ...orderDrafts(source)]
    const [table, own] = scopesAndForms(source)
    if (table === null) return []
    const fields = source.language === "csharp" ? privateFields(source) : []
    return [...nameDrafts(source, table, fields), ...own, ...common, ...statementDrafts(source, table)]
}

/** What each name of a file is, and the forms that are one language's own. */
function scopesAndForms(source: SourceCode): [ScopeTable | null, Draft[]] {
    const language = blockLanguages[source.language]
    if (language !== undefined) return [blockScopes(source, language.names), language.forms(source)]
    if (source.language === "python") return [pythonScopes(source), pythonForms(source)]
    if (!/^(javascript|typescript|tsx)$/.test(source.language)) return [null, []]
    const table = javascriptScopes(source)
    return [table, javascriptForms(source, table)]
}
