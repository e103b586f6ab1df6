/**
 * Handles the files of an inquiry for `tocsin verify`: bundles and expert files, each checked together with the other
 * files.
 */
import { verifyBundleFile, checkBundleWithExperts, bundleText, isBundle, type ValidBundle } from "./verify-bundle.ts"
import type { AcceptedBundle } from "../bundle/verify.ts"
import {
    type AcceptedExpert,
    type ValidExpert,
    checkExpertInExports,
    expertText,
    verifyExpertFile,
} from "./verify-expert.ts"
import type { OtherFileChecker } from "@tocsin/audit-log/commands/verify"

interface InquiryFile {
    readonly ok: true
    readonly content: ValidBundle | ValidExpert
}

/** The readers and checks of bundles and expert files. */
export const inquiryFiles: OtherFileChecker<InquiryFile, AcceptedBundle | AcceptedExpert> = {
    read: async (open, trust) => {
        const other = (await verifyBundleFile(open(), trust)) ?? (await verifyExpertFile(open()))
        return other?.ok === true ? { ok: true, content: other } : other
    },
    check: async ({ content: other }, { others, exports, masters, trust }) => {
        if ("file" in other) return await checkExpertInExports(exports, other, trust, masters)
        const experts = others.flatMap((file) => ("file" in file.content ? [file.content.file] : []))
        return checkBundleWithExperts(other, experts)
    },
    describe: (accepted) => (isBundle(accepted) ? bundleText(accepted) : expertText(accepted)),
}
