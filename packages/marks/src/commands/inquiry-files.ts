/**
 * Handles the files of an inquiry for `tocsin verify`: bundles and expert files, each checked together with the other
 * files.
 */
import { judgeBundleIn, bundleBeside, bundleInWords, isBundle, type SoundBundle } from "./verify-bundle.ts"
import type { AcceptedBundle } from "../bundle/verify.ts"
import { type AcceptedExpert, type SoundExpert, expertIn, expertInWords, judgeExpert } from "./verify-expert.ts"
import type { OtherFiles } from "@tocsin/audit-log/commands/verify"

interface InquiryFile {
    readonly ok: true
    readonly other: SoundBundle | SoundExpert
}

/** The readers and checks of bundles and expert files. */
export const inquiryFiles: OtherFiles<InquiryFile, AcceptedBundle | AcceptedExpert> = {
    read: async (open, trust) => {
        const other = (await judgeBundleIn(open(), trust)) ?? (await judgeExpert(open()))
        return other?.ok === true ? { ok: true, other } : other
    },
    checkBeside: async ({ other }, { others, records, masters, trust }) => {
        if ("file" in other) return await expertIn(records, other, trust, masters)
        const experts = others.flatMap((file) => ("file" in file.other ? [file.other.file] : []))
        return bundleBeside(other, experts)
    },
    inWords: (accepted) => (isBundle(accepted) ? bundleInWords(accepted) : expertInWords(accepted)),
}
