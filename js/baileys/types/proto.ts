/**
 * `proto` for TypeScript, made from the schema by scripts/proto-types.mjs: not edited by hand. Only declarations; what stands behind
 * them at run time is in ../proto.ts.
 */
import type Long from 'long'
import type { IConversionOptions, Reader, Writer } from 'protobufjs'

type AnyKind = new (properties?: any) => object

/** What every message class has; `Fields` are those of a plain object that stands for a message. */
declare class Kind<Fields> {
  constructor(properties?: Fields)
  static create<K extends AnyKind>(this: K, properties?: ConstructorParameters<K>[0]): InstanceType<K>
  static encode<K extends AnyKind>(this: K, message: NonNullable<ConstructorParameters<K>[0]>, writer?: Writer): Writer
  static decode<K extends AnyKind>(this: K, bytes: Reader | Uint8Array, length?: number): InstanceType<K>
  static fromObject<K extends AnyKind>(this: K, object: { [field: string]: any }): InstanceType<K>
  static toObject<K extends AnyKind>(this: K, message: InstanceType<K>, options?: IConversionOptions): { [field: string]: any }
  static verify(object: { [field: string]: any }): string | null
  static getTypeUrl(prefix?: string): string
  toJSON(): { [field: string]: any }
}

export declare namespace proto {
  interface IADVDeviceIdentity {
    rawId?: number | null | undefined
    timestamp?: number | Long | null | undefined
    keyIndex?: number | null | undefined
    accountType?: proto.ADVEncryptionType | null | undefined
    deviceType?: proto.ADVEncryptionType | null | undefined
  }
  interface ADVDeviceIdentity extends IADVDeviceIdentity {}
  class ADVDeviceIdentity extends Kind<IADVDeviceIdentity> {}
  enum ADVEncryptionType {
    E2EE = 0,
    HOSTED = 1,
    NON_E2EE = 2,
  }
  interface IADVKeyIndexList {
    rawId?: number | null | undefined
    timestamp?: number | Long | null | undefined
    currentIndex?: number | null | undefined
    validIndexes?: number[] | null | undefined
    accountType?: proto.ADVEncryptionType | null | undefined
  }
  interface ADVKeyIndexList extends IADVKeyIndexList {}
  class ADVKeyIndexList extends Kind<IADVKeyIndexList> {
    validIndexes: number[]
  }
  interface IADVSignedDeviceIdentity {
    details?: Uint8Array | null | undefined
    accountSignatureKey?: Uint8Array | null | undefined
    accountSignature?: Uint8Array | null | undefined
    deviceSignature?: Uint8Array | null | undefined
  }
  interface ADVSignedDeviceIdentity extends IADVSignedDeviceIdentity {}
  class ADVSignedDeviceIdentity extends Kind<IADVSignedDeviceIdentity> {}
  interface IADVSignedDeviceIdentityHMAC {
    details?: Uint8Array | null | undefined
    hmac?: Uint8Array | null | undefined
    accountType?: proto.ADVEncryptionType | null | undefined
  }
  interface ADVSignedDeviceIdentityHMAC extends IADVSignedDeviceIdentityHMAC {}
  class ADVSignedDeviceIdentityHMAC extends Kind<IADVSignedDeviceIdentityHMAC> {}
  interface IADVSignedKeyIndexList {
    details?: Uint8Array | null | undefined
    accountSignature?: Uint8Array | null | undefined
    accountSignatureKey?: Uint8Array | null | undefined
  }
  interface ADVSignedKeyIndexList extends IADVSignedKeyIndexList {}
  class ADVSignedKeyIndexList extends Kind<IADVSignedKeyIndexList> {}
  interface IAIHomeState {
    lastFetchTime?: number | Long | null | undefined
    capabilityOptions?: proto.AIHomeState.IAIHomeOption[] | null | undefined
    conversationOptions?: proto.AIHomeState.IAIHomeOption[] | null | undefined
  }
  interface AIHomeState extends IAIHomeState {}
  class AIHomeState extends Kind<IAIHomeState> {
    capabilityOptions: proto.AIHomeState.IAIHomeOption[]
    conversationOptions: proto.AIHomeState.IAIHomeOption[]
  }
  namespace AIHomeState {
    interface IAIHomeOption {
      type?: proto.AIHomeState.AIHomeOption.AIHomeActionType | null | undefined
      title?: string | null | undefined
      promptText?: string | null | undefined
      sessionId?: string | null | undefined
      imageWdsIdentifier?: string | null | undefined
      imageTintColor?: string | null | undefined
      imageBackgroundColor?: string | null | undefined
      cardTypeId?: string | null | undefined
    }
    interface AIHomeOption extends IAIHomeOption {}
    class AIHomeOption extends Kind<IAIHomeOption> {}
    namespace AIHomeOption {
      enum AIHomeActionType {
        PROMPT = 0,
        CREATE_IMAGE = 1,
        ANIMATE_PHOTO = 2,
        ANALYZE_FILE = 3,
        COLLABORATE = 4,
        OPEN_GREETING_CARD = 5,
      }
    }
  }
  interface IAIMediaCollectionMessage {
    collectionId?: string | null | undefined
    expectedMediaCount?: number | null | undefined
    hasGlobalCaption?: boolean | null | undefined
  }
  interface AIMediaCollectionMessage extends IAIMediaCollectionMessage {}
  class AIMediaCollectionMessage extends Kind<IAIMediaCollectionMessage> {}
  interface IAIMediaCollectionMetadata {
    collectionId?: string | null | undefined
    uploadOrderIndex?: number | null | undefined
  }
  interface AIMediaCollectionMetadata extends IAIMediaCollectionMetadata {}
  class AIMediaCollectionMetadata extends Kind<IAIMediaCollectionMetadata> {}
  interface IAIMetadataOperation {
    hatchMetadataSync?: proto.IHatchMetadataSync | null | undefined
  }
  interface AIMetadataOperation extends IAIMetadataOperation {}
  class AIMetadataOperation extends Kind<IAIMetadataOperation> {}
  interface IAIQueryFanout {
    messageKey?: proto.IMessageKey | null | undefined
    message?: proto.IMessage | null | undefined
    timestamp?: number | Long | null | undefined
  }
  interface AIQueryFanout extends IAIQueryFanout {}
  class AIQueryFanout extends Kind<IAIQueryFanout> {}
  interface IAIRegenerateMetadata {
    messageKey?: proto.IMessageKey | null | undefined
    responseTimestampMs?: number | Long | null | undefined
  }
  interface AIRegenerateMetadata extends IAIRegenerateMetadata {}
  class AIRegenerateMetadata extends Kind<IAIRegenerateMetadata> {}
  interface IAIRichResponseCodeMetadata {
    codeLanguage?: string | null | undefined
    codeBlocks?: proto.AIRichResponseCodeMetadata.IAIRichResponseCodeBlock[] | null | undefined
  }
  interface AIRichResponseCodeMetadata extends IAIRichResponseCodeMetadata {}
  class AIRichResponseCodeMetadata extends Kind<IAIRichResponseCodeMetadata> {
    codeBlocks: proto.AIRichResponseCodeMetadata.IAIRichResponseCodeBlock[]
  }
  namespace AIRichResponseCodeMetadata {
    interface IAIRichResponseCodeBlock {
      highlightType?: proto.AIRichResponseCodeMetadata.AIRichResponseCodeHighlightType | null | undefined
      codeContent?: string | null | undefined
    }
    interface AIRichResponseCodeBlock extends IAIRichResponseCodeBlock {}
    class AIRichResponseCodeBlock extends Kind<IAIRichResponseCodeBlock> {}
    enum AIRichResponseCodeHighlightType {
      AI_RICH_RESPONSE_CODE_HIGHLIGHT_DEFAULT = 0,
      AI_RICH_RESPONSE_CODE_HIGHLIGHT_KEYWORD = 1,
      AI_RICH_RESPONSE_CODE_HIGHLIGHT_METHOD = 2,
      AI_RICH_RESPONSE_CODE_HIGHLIGHT_STRING = 3,
      AI_RICH_RESPONSE_CODE_HIGHLIGHT_NUMBER = 4,
      AI_RICH_RESPONSE_CODE_HIGHLIGHT_COMMENT = 5,
    }
  }
  interface IAIRichResponseContentItemsMetadata {
    itemsMetadata?: proto.AIRichResponseContentItemsMetadata.IAIRichResponseContentItemMetadata[] | null | undefined
    contentType?: proto.AIRichResponseContentItemsMetadata.ContentType | null | undefined
  }
  interface AIRichResponseContentItemsMetadata extends IAIRichResponseContentItemsMetadata {}
  class AIRichResponseContentItemsMetadata extends Kind<IAIRichResponseContentItemsMetadata> {
    itemsMetadata: proto.AIRichResponseContentItemsMetadata.IAIRichResponseContentItemMetadata[]
  }
  namespace AIRichResponseContentItemsMetadata {
    interface IAIRichResponseContentItemMetadata {
      reelItem?: proto.AIRichResponseContentItemsMetadata.IAIRichResponseReelItem | null | undefined
    }
    interface AIRichResponseContentItemMetadata extends IAIRichResponseContentItemMetadata {}
    class AIRichResponseContentItemMetadata extends Kind<IAIRichResponseContentItemMetadata> {
      aIRichResponseContentItem?: 'reelItem' | undefined
    }
    interface IAIRichResponseReelItem {
      title?: string | null | undefined
      profileIconUrl?: string | null | undefined
      thumbnailUrl?: string | null | undefined
      videoUrl?: string | null | undefined
    }
    interface AIRichResponseReelItem extends IAIRichResponseReelItem {}
    class AIRichResponseReelItem extends Kind<IAIRichResponseReelItem> {}
    enum ContentType {
      DEFAULT = 0,
      CAROUSEL = 1,
    }
  }
  interface IAIRichResponseDynamicMetadata {
    type?: proto.AIRichResponseDynamicMetadata.AIRichResponseDynamicMetadataType | null | undefined
    version?: number | Long | null | undefined
    url?: string | null | undefined
    loopCount?: number | null | undefined
  }
  interface AIRichResponseDynamicMetadata extends IAIRichResponseDynamicMetadata {}
  class AIRichResponseDynamicMetadata extends Kind<IAIRichResponseDynamicMetadata> {}
  namespace AIRichResponseDynamicMetadata {
    enum AIRichResponseDynamicMetadataType {
      AI_RICH_RESPONSE_DYNAMIC_METADATA_TYPE_UNKNOWN = 0,
      AI_RICH_RESPONSE_DYNAMIC_METADATA_TYPE_IMAGE = 1,
      AI_RICH_RESPONSE_DYNAMIC_METADATA_TYPE_GIF = 2,
    }
  }
  interface IAIRichResponseGridImageMetadata {
    gridImageUrl?: proto.IAIRichResponseImageURL | null | undefined
    imageUrls?: proto.IAIRichResponseImageURL[] | null | undefined
  }
  interface AIRichResponseGridImageMetadata extends IAIRichResponseGridImageMetadata {}
  class AIRichResponseGridImageMetadata extends Kind<IAIRichResponseGridImageMetadata> {
    imageUrls: proto.IAIRichResponseImageURL[]
  }
  interface IAIRichResponseImageURL {
    imagePreviewUrl?: string | null | undefined
    imageHighResUrl?: string | null | undefined
    sourceUrl?: string | null | undefined
  }
  interface AIRichResponseImageURL extends IAIRichResponseImageURL {}
  class AIRichResponseImageURL extends Kind<IAIRichResponseImageURL> {}
  interface IAIRichResponseInlineImageMetadata {
    imageUrl?: proto.IAIRichResponseImageURL | null | undefined
    imageText?: string | null | undefined
    alignment?: proto.AIRichResponseInlineImageMetadata.AIRichResponseImageAlignment | null | undefined
    tapLinkUrl?: string | null | undefined
  }
  interface AIRichResponseInlineImageMetadata extends IAIRichResponseInlineImageMetadata {}
  class AIRichResponseInlineImageMetadata extends Kind<IAIRichResponseInlineImageMetadata> {}
  namespace AIRichResponseInlineImageMetadata {
    enum AIRichResponseImageAlignment {
      AI_RICH_RESPONSE_IMAGE_LAYOUT_LEADING_ALIGNED = 0,
      AI_RICH_RESPONSE_IMAGE_LAYOUT_TRAILING_ALIGNED = 1,
      AI_RICH_RESPONSE_IMAGE_LAYOUT_CENTER_ALIGNED = 2,
    }
  }
  interface IAIRichResponseLatexMetadata {
    text?: string | null | undefined
    expressions?: proto.AIRichResponseLatexMetadata.IAIRichResponseLatexExpression[] | null | undefined
  }
  interface AIRichResponseLatexMetadata extends IAIRichResponseLatexMetadata {}
  class AIRichResponseLatexMetadata extends Kind<IAIRichResponseLatexMetadata> {
    expressions: proto.AIRichResponseLatexMetadata.IAIRichResponseLatexExpression[]
  }
  namespace AIRichResponseLatexMetadata {
    interface IAIRichResponseLatexExpression {
      latexExpression?: string | null | undefined
      url?: string | null | undefined
      width?: number | null | undefined
      height?: number | null | undefined
      fontHeight?: number | null | undefined
      imageTopPadding?: number | null | undefined
      imageLeadingPadding?: number | null | undefined
      imageBottomPadding?: number | null | undefined
      imageTrailingPadding?: number | null | undefined
    }
    interface AIRichResponseLatexExpression extends IAIRichResponseLatexExpression {}
    class AIRichResponseLatexExpression extends Kind<IAIRichResponseLatexExpression> {}
  }
  interface IAIRichResponseMapMetadata {
    centerLatitude?: number | null | undefined
    centerLongitude?: number | null | undefined
    latitudeDelta?: number | null | undefined
    longitudeDelta?: number | null | undefined
    annotations?: proto.AIRichResponseMapMetadata.IAIRichResponseMapAnnotation[] | null | undefined
    showInfoList?: boolean | null | undefined
  }
  interface AIRichResponseMapMetadata extends IAIRichResponseMapMetadata {}
  class AIRichResponseMapMetadata extends Kind<IAIRichResponseMapMetadata> {
    annotations: proto.AIRichResponseMapMetadata.IAIRichResponseMapAnnotation[]
  }
  namespace AIRichResponseMapMetadata {
    interface IAIRichResponseMapAnnotation {
      annotationNumber?: number | null | undefined
      latitude?: number | null | undefined
      longitude?: number | null | undefined
      title?: string | null | undefined
      body?: string | null | undefined
    }
    interface AIRichResponseMapAnnotation extends IAIRichResponseMapAnnotation {}
    class AIRichResponseMapAnnotation extends Kind<IAIRichResponseMapAnnotation> {}
  }
  interface IAIRichResponseMessage {
    messageType?: proto.AIRichResponseMessageType | null | undefined
    submessages?: proto.IAIRichResponseSubMessage[] | null | undefined
    unifiedResponse?: proto.IAIRichResponseUnifiedResponse | null | undefined
    contextInfo?: proto.IContextInfo | null | undefined
  }
  interface AIRichResponseMessage extends IAIRichResponseMessage {}
  class AIRichResponseMessage extends Kind<IAIRichResponseMessage> {
    submessages: proto.IAIRichResponseSubMessage[]
  }
  enum AIRichResponseMessageType {
    AI_RICH_RESPONSE_TYPE_UNKNOWN = 0,
    AI_RICH_RESPONSE_TYPE_STANDARD = 1,
  }
  interface IAIRichResponseSubMessage {
    messageType?: proto.AIRichResponseSubMessageType | null | undefined
    gridImageMetadata?: proto.IAIRichResponseGridImageMetadata | null | undefined
    messageText?: string | null | undefined
    imageMetadata?: proto.IAIRichResponseInlineImageMetadata | null | undefined
    codeMetadata?: proto.IAIRichResponseCodeMetadata | null | undefined
    tableMetadata?: proto.IAIRichResponseTableMetadata | null | undefined
    dynamicMetadata?: proto.IAIRichResponseDynamicMetadata | null | undefined
    latexMetadata?: proto.IAIRichResponseLatexMetadata | null | undefined
    mapMetadata?: proto.IAIRichResponseMapMetadata | null | undefined
    contentItemsMetadata?: proto.IAIRichResponseContentItemsMetadata | null | undefined
  }
  interface AIRichResponseSubMessage extends IAIRichResponseSubMessage {}
  class AIRichResponseSubMessage extends Kind<IAIRichResponseSubMessage> {}
  enum AIRichResponseSubMessageType {
    AI_RICH_RESPONSE_UNKNOWN = 0,
    AI_RICH_RESPONSE_GRID_IMAGE = 1,
    AI_RICH_RESPONSE_TEXT = 2,
    AI_RICH_RESPONSE_INLINE_IMAGE = 3,
    AI_RICH_RESPONSE_TABLE = 4,
    AI_RICH_RESPONSE_CODE = 5,
    AI_RICH_RESPONSE_DYNAMIC = 6,
    AI_RICH_RESPONSE_MAP = 7,
    AI_RICH_RESPONSE_LATEX = 8,
    AI_RICH_RESPONSE_CONTENT_ITEMS = 9,
  }
  interface IAIRichResponseTableMetadata {
    rows?: proto.AIRichResponseTableMetadata.IAIRichResponseTableRow[] | null | undefined
    title?: string | null | undefined
  }
  interface AIRichResponseTableMetadata extends IAIRichResponseTableMetadata {}
  class AIRichResponseTableMetadata extends Kind<IAIRichResponseTableMetadata> {
    rows: proto.AIRichResponseTableMetadata.IAIRichResponseTableRow[]
  }
  namespace AIRichResponseTableMetadata {
    interface IAIRichResponseTableRow {
      items?: string[] | null | undefined
      isHeading?: boolean | null | undefined
    }
    interface AIRichResponseTableRow extends IAIRichResponseTableRow {}
    class AIRichResponseTableRow extends Kind<IAIRichResponseTableRow> {
      items: string[]
    }
  }
  interface IAIRichResponseUnifiedResponse {
    data?: Uint8Array | null | undefined
  }
  interface AIRichResponseUnifiedResponse extends IAIRichResponseUnifiedResponse {}
  class AIRichResponseUnifiedResponse extends Kind<IAIRichResponseUnifiedResponse> {}
  enum AISubscriptionRequestType {
    UNSPECIFIED = 0,
    THINK_HARD = 1,
    IMAGE_GEN = 2,
    VIDEO_GEN = 3,
  }
  interface IAISubscriptionUpsellMetadata {
    requestType?: proto.AISubscriptionRequestType | null | undefined
  }
  interface AISubscriptionUpsellMetadata extends IAISubscriptionUpsellMetadata {}
  class AISubscriptionUpsellMetadata extends Kind<IAISubscriptionUpsellMetadata> {}
  interface IAIThreadInfo {
    serverInfo?: proto.AIThreadInfo.IAIThreadServerInfo | null | undefined
    clientInfo?: proto.AIThreadInfo.IAIThreadClientInfo | null | undefined
  }
  interface AIThreadInfo extends IAIThreadInfo {}
  class AIThreadInfo extends Kind<IAIThreadInfo> {}
  namespace AIThreadInfo {
    interface IAIThreadClientInfo {
      type?: proto.AIThreadInfo.AIThreadClientInfo.AIThreadType | null | undefined
      sourceChatJid?: string | null | undefined
    }
    interface AIThreadClientInfo extends IAIThreadClientInfo {}
    class AIThreadClientInfo extends Kind<IAIThreadClientInfo> {}
    namespace AIThreadClientInfo {
      enum AIThreadType {
        UNKNOWN = 0,
        DEFAULT = 1,
        INCOGNITO = 2,
        SIDE_CHAT = 3,
      }
    }
    interface IAIThreadServerInfo {
      title?: string | null | undefined
    }
    interface AIThreadServerInfo extends IAIThreadServerInfo {}
    class AIThreadServerInfo extends Kind<IAIThreadServerInfo> {}
  }
  interface IAccount {
    lid?: string | null | undefined
    username?: string | null | undefined
    countryCode?: string | null | undefined
    isUsernameDeleted?: boolean | null | undefined
  }
  interface Account extends IAccount {}
  class Account extends Kind<IAccount> {}
  interface IAccountLinkingOpaqueData {
    accesstoken?: string | null | undefined
    fbid?: string | null | undefined
    nonce?: string | null | undefined
    encryptedPassword?: string | null | undefined
  }
  interface AccountLinkingOpaqueData extends IAccountLinkingOpaqueData {}
  class AccountLinkingOpaqueData extends Kind<IAccountLinkingOpaqueData> {}
  interface IActionLink {
    url?: string | null | undefined
    buttonTitle?: string | null | undefined
  }
  interface ActionLink extends IActionLink {}
  class ActionLink extends Kind<IActionLink> {}
  interface IAutoDownloadSettings {
    downloadImages?: boolean | null | undefined
    downloadAudio?: boolean | null | undefined
    downloadVideo?: boolean | null | undefined
    downloadDocuments?: boolean | null | undefined
  }
  interface AutoDownloadSettings extends IAutoDownloadSettings {}
  class AutoDownloadSettings extends Kind<IAutoDownloadSettings> {}
  interface IAvatarUserSettings {
    fbid?: string | null | undefined
    password?: string | null | undefined
  }
  interface AvatarUserSettings extends IAvatarUserSettings {}
  class AvatarUserSettings extends Kind<IAvatarUserSettings> {}
  interface IBizAccountLinkInfo {
    whatsappBizAcctFbid?: number | Long | null | undefined
    whatsappAcctNumber?: string | null | undefined
    issueTime?: number | Long | null | undefined
    hostStorage?: proto.BizAccountLinkInfo.HostStorageType | null | undefined
    accountType?: proto.BizAccountLinkInfo.AccountType | null | undefined
  }
  interface BizAccountLinkInfo extends IBizAccountLinkInfo {}
  class BizAccountLinkInfo extends Kind<IBizAccountLinkInfo> {}
  namespace BizAccountLinkInfo {
    enum AccountType {
      ENTERPRISE = 0,
    }
    enum HostStorageType {
      ON_PREMISE = 0,
      FACEBOOK = 1,
    }
  }
  interface IBizAccountPayload {
    vnameCert?: proto.IVerifiedNameCertificate | null | undefined
    bizAcctLinkInfo?: Uint8Array | null | undefined
  }
  interface BizAccountPayload extends IBizAccountPayload {}
  class BizAccountPayload extends Kind<IBizAccountPayload> {}
  interface IBizIdentityInfo {
    vlevel?: proto.BizIdentityInfo.VerifiedLevelValue | null | undefined
    vnameCert?: proto.IVerifiedNameCertificate | null | undefined
    signed?: boolean | null | undefined
    revoked?: boolean | null | undefined
    hostStorage?: proto.BizIdentityInfo.HostStorageType | null | undefined
    actualActors?: proto.BizIdentityInfo.ActualActorsType | null | undefined
    privacyModeTs?: number | Long | null | undefined
    featureControls?: number | Long | null | undefined
  }
  interface BizIdentityInfo extends IBizIdentityInfo {}
  class BizIdentityInfo extends Kind<IBizIdentityInfo> {}
  namespace BizIdentityInfo {
    enum ActualActorsType {
      SELF = 0,
      BSP = 1,
    }
    enum HostStorageType {
      ON_PREMISE = 0,
      FACEBOOK = 1,
    }
    enum VerifiedLevelValue {
      UNKNOWN = 0,
      LOW = 1,
      HIGH = 2,
    }
  }
  interface IBotAgeCollectionMetadata {
    ageCollectionEligible?: boolean | null | undefined
    shouldTriggerAgeCollectionOnClient?: boolean | null | undefined
    ageCollectionType?: proto.BotAgeCollectionMetadata.AgeCollectionType | null | undefined
  }
  interface BotAgeCollectionMetadata extends IBotAgeCollectionMetadata {}
  class BotAgeCollectionMetadata extends Kind<IBotAgeCollectionMetadata> {}
  namespace BotAgeCollectionMetadata {
    enum AgeCollectionType {
      O18_BINARY = 0,
      WAFFLE = 1,
    }
  }
  interface IBotAgentDeepLinkMetadata {
    token?: string | null | undefined
  }
  interface BotAgentDeepLinkMetadata extends IBotAgentDeepLinkMetadata {}
  class BotAgentDeepLinkMetadata extends Kind<IBotAgentDeepLinkMetadata> {}
  interface IBotAgentMetadata {
    deepLinkMetadata?: proto.IBotAgentDeepLinkMetadata | null | undefined
  }
  interface BotAgentMetadata extends IBotAgentMetadata {}
  class BotAgentMetadata extends Kind<IBotAgentMetadata> {}
  interface IBotCapabilityMetadata {
    capabilities?: proto.BotCapabilityMetadata.BotCapabilityType[] | null | undefined
  }
  interface BotCapabilityMetadata extends IBotCapabilityMetadata {}
  class BotCapabilityMetadata extends Kind<IBotCapabilityMetadata> {
    capabilities: proto.BotCapabilityMetadata.BotCapabilityType[]
  }
  namespace BotCapabilityMetadata {
    enum BotCapabilityType {
      UNKNOWN = 0,
      PROGRESS_INDICATOR = 1,
      RICH_RESPONSE_HEADING = 2,
      RICH_RESPONSE_NESTED_LIST = 3,
      AI_MEMORY = 4,
      RICH_RESPONSE_THREAD_SURFING = 5,
      RICH_RESPONSE_TABLE = 6,
      RICH_RESPONSE_CODE = 7,
      RICH_RESPONSE_STRUCTURED_RESPONSE = 8,
      RICH_RESPONSE_INLINE_IMAGE = 9,
      WA_IG_1P_PLUGIN_RANKING_CONTROL = 10,
      WA_IG_1P_PLUGIN_RANKING_UPDATE_1 = 11,
      WA_IG_1P_PLUGIN_RANKING_UPDATE_2 = 12,
      WA_IG_1P_PLUGIN_RANKING_UPDATE_3 = 13,
      WA_IG_1P_PLUGIN_RANKING_UPDATE_4 = 14,
      WA_IG_1P_PLUGIN_RANKING_UPDATE_5 = 15,
      WA_IG_1P_PLUGIN_RANKING_UPDATE_6 = 16,
      WA_IG_1P_PLUGIN_RANKING_UPDATE_7 = 17,
      WA_IG_1P_PLUGIN_RANKING_UPDATE_8 = 18,
      WA_IG_1P_PLUGIN_RANKING_UPDATE_9 = 19,
      WA_IG_1P_PLUGIN_RANKING_UPDATE_10 = 20,
      RICH_RESPONSE_SUB_HEADING = 21,
      RICH_RESPONSE_GRID_IMAGE = 22,
      AI_STUDIO_UGC_MEMORY = 23,
      RICH_RESPONSE_LATEX = 24,
      RICH_RESPONSE_MAPS = 25,
      RICH_RESPONSE_INLINE_REELS = 26,
      AGENTIC_PLANNING = 27,
      ACCOUNT_LINKING = 28,
      STREAMING_DISAGGREGATION = 29,
      RICH_RESPONSE_GRID_IMAGE_3P = 30,
      RICH_RESPONSE_LATEX_INLINE = 31,
      QUERY_PLAN = 32,
      PROACTIVE_MESSAGE = 33,
      RICH_RESPONSE_UNIFIED_RESPONSE = 34,
      PROMOTION_MESSAGE = 35,
      SIMPLIFIED_PROFILE_PAGE = 36,
      RICH_RESPONSE_SOURCES_IN_MESSAGE = 37,
      RICH_RESPONSE_SIDE_BY_SIDE_SURVEY = 38,
      RICH_RESPONSE_UNIFIED_TEXT_COMPONENT = 39,
      AI_SHARED_MEMORY = 40,
      RICH_RESPONSE_UNIFIED_SOURCES = 41,
      RICH_RESPONSE_UNIFIED_DOMAIN_CITATIONS = 42,
      RICH_RESPONSE_UR_INLINE_REELS_ENABLED = 43,
      RICH_RESPONSE_UR_MEDIA_GRID_ENABLED = 44,
      RICH_RESPONSE_UR_TIMESTAMP_PLACEHOLDER = 45,
      RICH_RESPONSE_IN_APP_SURVEY = 46,
      AI_RESPONSE_MODEL_BRANDING = 47,
      SESSION_TRANSPARENCY_SYSTEM_MESSAGE = 48,
      RICH_RESPONSE_UR_REASONING = 49,
      RICH_RESPONSE_UR_ZEITGEIST_CITATIONS = 50,
      RICH_RESPONSE_UR_ZEITGEIST_CAROUSEL = 51,
      AI_IMAGINE_LOADING_INDICATOR = 52,
      RICH_RESPONSE_UR_IMAGINE = 53,
      AI_IMAGINE_UR_TO_NATIVE_LOADING_INDICATOR = 54,
      RICH_RESPONSE_UR_BLOKS_ENABLED = 55,
      RICH_RESPONSE_INLINE_LINKS_ENABLED = 56,
      RICH_RESPONSE_UR_IMAGINE_VIDEO = 57,
      JSON_PATCH_STREAMING = 58,
      AI_TAB_FORCE_CLIPPY = 59,
      UNIFIED_RESPONSE_EMBEDDED_SCREENS = 60,
      AI_SUBSCRIPTION_ENABLED = 61,
      UNIFIED_RESPONSE_AI_CONTENT_SEARCH_ENABLED = 62,
      UNIFIED_RESPONSE_MARKDOWN_LINKS_ENABLED = 63,
      AI_RICH_RESPONSE_MAPS_V2_ENABLED = 64,
      AI_SUBSCRIPTION_METERING_ENABLED = 65,
    }
  }
  interface IBotCommandMetadata {
    commandName?: string | null | undefined
    commandDescription?: string | null | undefined
    commandPrompt?: string | null | undefined
  }
  interface BotCommandMetadata extends IBotCommandMetadata {}
  class BotCommandMetadata extends Kind<IBotCommandMetadata> {}
  interface IBotDocumentMessageMetadata {
    pluginType?: proto.BotDocumentMessageMetadata.DocumentPluginType | null | undefined
  }
  interface BotDocumentMessageMetadata extends IBotDocumentMessageMetadata {}
  class BotDocumentMessageMetadata extends Kind<IBotDocumentMessageMetadata> {}
  namespace BotDocumentMessageMetadata {
    enum DocumentPluginType {
      TEXT_EXTRACTION = 0,
      OCR_AND_IMAGES = 1,
    }
  }
  interface IBotFeedbackMessage {
    messageKey?: proto.IMessageKey | null | undefined
    kind?: proto.BotFeedbackMessage.BotFeedbackKind | null | undefined
    text?: string | null | undefined
    kindNegative?: number | Long | null | undefined
    kindPositive?: number | Long | null | undefined
    kindReport?: proto.BotFeedbackMessage.ReportKind | null | undefined
    sideBySideSurveyMetadata?: proto.BotFeedbackMessage.ISideBySideSurveyMetadata | null | undefined
  }
  interface BotFeedbackMessage extends IBotFeedbackMessage {}
  class BotFeedbackMessage extends Kind<IBotFeedbackMessage> {}
  namespace BotFeedbackMessage {
    enum BotFeedbackKind {
      BOT_FEEDBACK_POSITIVE = 0,
      BOT_FEEDBACK_NEGATIVE_GENERIC = 1,
      BOT_FEEDBACK_NEGATIVE_HELPFUL = 2,
      BOT_FEEDBACK_NEGATIVE_INTERESTING = 3,
      BOT_FEEDBACK_NEGATIVE_ACCURATE = 4,
      BOT_FEEDBACK_NEGATIVE_SAFE = 5,
      BOT_FEEDBACK_NEGATIVE_OTHER = 6,
      BOT_FEEDBACK_NEGATIVE_REFUSED = 7,
      BOT_FEEDBACK_NEGATIVE_NOT_VISUALLY_APPEALING = 8,
      BOT_FEEDBACK_NEGATIVE_NOT_RELEVANT_TO_TEXT = 9,
      BOT_FEEDBACK_NEGATIVE_PERSONALIZED = 10,
      BOT_FEEDBACK_NEGATIVE_CLARITY = 11,
      BOT_FEEDBACK_NEGATIVE_DOESNT_LOOK_LIKE_THE_PERSON = 12,
      BOT_FEEDBACK_NEGATIVE_HALLUCINATION_INTERNAL_ONLY = 13,
      BOT_FEEDBACK_NEGATIVE = 14,
    }
    enum BotFeedbackKindMultipleNegative {
      BOT_FEEDBACK_MULTIPLE_NEGATIVE_GENERIC = 1,
      BOT_FEEDBACK_MULTIPLE_NEGATIVE_HELPFUL = 2,
      BOT_FEEDBACK_MULTIPLE_NEGATIVE_INTERESTING = 4,
      BOT_FEEDBACK_MULTIPLE_NEGATIVE_ACCURATE = 8,
      BOT_FEEDBACK_MULTIPLE_NEGATIVE_SAFE = 16,
      BOT_FEEDBACK_MULTIPLE_NEGATIVE_OTHER = 32,
      BOT_FEEDBACK_MULTIPLE_NEGATIVE_REFUSED = 64,
      BOT_FEEDBACK_MULTIPLE_NEGATIVE_NOT_VISUALLY_APPEALING = 128,
      BOT_FEEDBACK_MULTIPLE_NEGATIVE_NOT_RELEVANT_TO_TEXT = 256,
    }
    enum BotFeedbackKindMultiplePositive {
      BOT_FEEDBACK_MULTIPLE_POSITIVE_GENERIC = 1,
    }
    enum ReportKind {
      NONE = 0,
      GENERIC = 1,
    }
    interface ISideBySideSurveyMetadata {
      selectedRequestId?: string | null | undefined
      surveyId?: number | null | undefined
      simonSessionFbid?: string | null | undefined
      responseOtid?: string | null | undefined
      responseTimestampMsString?: string | null | undefined
      isSelectedResponsePrimary?: boolean | null | undefined
      messageIdToEdit?: string | null | undefined
      analyticsData?: proto.BotFeedbackMessage.SideBySideSurveyMetadata.ISideBySideSurveyAnalyticsData | null | undefined
      metaAiAnalyticsData?: proto.BotFeedbackMessage.SideBySideSurveyMetadata.ISidebySideSurveyMetaAiAnalyticsData | null | undefined
    }
    interface SideBySideSurveyMetadata extends ISideBySideSurveyMetadata {}
    class SideBySideSurveyMetadata extends Kind<ISideBySideSurveyMetadata> {}
    namespace SideBySideSurveyMetadata {
      interface ISideBySideSurveyAnalyticsData {
        tessaEvent?: string | null | undefined
        tessaSessionFbid?: string | null | undefined
        simonSessionFbid?: string | null | undefined
      }
      interface SideBySideSurveyAnalyticsData extends ISideBySideSurveyAnalyticsData {}
      class SideBySideSurveyAnalyticsData extends Kind<ISideBySideSurveyAnalyticsData> {}
      interface ISidebySideSurveyMetaAiAnalyticsData {
        surveyId?: number | null | undefined
        primaryResponseId?: string | null | undefined
        testArmName?: string | null | undefined
        timestampMsString?: string | null | undefined
        ctaImpressionEvent?: proto.BotFeedbackMessage.SideBySideSurveyMetadata.SidebySideSurveyMetaAiAnalyticsData.ISideBySideSurveyCTAImpressionEventData | null | undefined
        ctaClickEvent?: proto.BotFeedbackMessage.SideBySideSurveyMetadata.SidebySideSurveyMetaAiAnalyticsData.ISideBySideSurveyCTAClickEventData | null | undefined
        cardImpressionEvent?: proto.BotFeedbackMessage.SideBySideSurveyMetadata.SidebySideSurveyMetaAiAnalyticsData.ISideBySideSurveyCardImpressionEventData | null | undefined
        responseEvent?: proto.BotFeedbackMessage.SideBySideSurveyMetadata.SidebySideSurveyMetaAiAnalyticsData.ISideBySideSurveyResponseEventData | null | undefined
        abandonEvent?: proto.BotFeedbackMessage.SideBySideSurveyMetadata.SidebySideSurveyMetaAiAnalyticsData.ISideBySideSurveyAbandonEventData | null | undefined
      }
      interface SidebySideSurveyMetaAiAnalyticsData extends ISidebySideSurveyMetaAiAnalyticsData {}
      class SidebySideSurveyMetaAiAnalyticsData extends Kind<ISidebySideSurveyMetaAiAnalyticsData> {}
      namespace SidebySideSurveyMetaAiAnalyticsData {
        interface ISideBySideSurveyAbandonEventData {
          abandonDwellTimeMsString?: string | null | undefined
        }
        interface SideBySideSurveyAbandonEventData extends ISideBySideSurveyAbandonEventData {}
        class SideBySideSurveyAbandonEventData extends Kind<ISideBySideSurveyAbandonEventData> {}
        interface ISideBySideSurveyCTAClickEventData {
          isSurveyExpired?: boolean | null | undefined
          clickDwellTimeMsString?: string | null | undefined
        }
        interface SideBySideSurveyCTAClickEventData extends ISideBySideSurveyCTAClickEventData {}
        class SideBySideSurveyCTAClickEventData extends Kind<ISideBySideSurveyCTAClickEventData> {}
        interface ISideBySideSurveyCTAImpressionEventData {
          isSurveyExpired?: boolean | null | undefined
        }
        interface SideBySideSurveyCTAImpressionEventData extends ISideBySideSurveyCTAImpressionEventData {}
        class SideBySideSurveyCTAImpressionEventData extends Kind<ISideBySideSurveyCTAImpressionEventData> {}
        interface ISideBySideSurveyCardImpressionEventData {
        }
        interface SideBySideSurveyCardImpressionEventData extends ISideBySideSurveyCardImpressionEventData {}
        class SideBySideSurveyCardImpressionEventData extends Kind<ISideBySideSurveyCardImpressionEventData> {}
        interface ISideBySideSurveyResponseEventData {
          responseDwellTimeMsString?: string | null | undefined
          selectedResponseId?: string | null | undefined
        }
        interface SideBySideSurveyResponseEventData extends ISideBySideSurveyResponseEventData {}
        class SideBySideSurveyResponseEventData extends Kind<ISideBySideSurveyResponseEventData> {}
      }
    }
  }
  interface IBotGroupMetadata {
    participantsMetadata?: proto.IBotGroupParticipantMetadata[] | null | undefined
  }
  interface BotGroupMetadata extends IBotGroupMetadata {}
  class BotGroupMetadata extends Kind<IBotGroupMetadata> {
    participantsMetadata: proto.IBotGroupParticipantMetadata[]
  }
  interface IBotGroupParticipantMetadata {
    botFbid?: string | null | undefined
  }
  interface BotGroupParticipantMetadata extends IBotGroupParticipantMetadata {}
  class BotGroupParticipantMetadata extends Kind<IBotGroupParticipantMetadata> {}
  interface IBotImagineMetadata {
    imagineType?: proto.BotImagineMetadata.ImagineType | null | undefined
    shortPrompt?: string | null | undefined
  }
  interface BotImagineMetadata extends IBotImagineMetadata {}
  class BotImagineMetadata extends Kind<IBotImagineMetadata> {}
  namespace BotImagineMetadata {
    enum ImagineType {
      UNKNOWN = 0,
      IMAGINE = 1,
      MEMU = 2,
      FLASH = 3,
      EDIT = 4,
    }
  }
  interface IBotInfrastructureDiagnostics {
    botBackend?: proto.BotInfrastructureDiagnostics.BotBackend | null | undefined
    toolsUsed?: string[] | null | undefined
    isThinking?: boolean | null | undefined
  }
  interface BotInfrastructureDiagnostics extends IBotInfrastructureDiagnostics {}
  class BotInfrastructureDiagnostics extends Kind<IBotInfrastructureDiagnostics> {
    toolsUsed: string[]
  }
  namespace BotInfrastructureDiagnostics {
    enum BotBackend {
      AAPI = 0,
      CLIPPY = 1,
    }
  }
  interface IBotLinkedAccount {
    type?: proto.BotLinkedAccount.BotLinkedAccountType | null | undefined
  }
  interface BotLinkedAccount extends IBotLinkedAccount {}
  class BotLinkedAccount extends Kind<IBotLinkedAccount> {}
  namespace BotLinkedAccount {
    enum BotLinkedAccountType {
      BOT_LINKED_ACCOUNT_TYPE_1P = 0,
    }
  }
  interface IBotLinkedAccountsMetadata {
    accounts?: proto.IBotLinkedAccount[] | null | undefined
    acAuthTokens?: Uint8Array | null | undefined
    acErrorCode?: number | null | undefined
  }
  interface BotLinkedAccountsMetadata extends IBotLinkedAccountsMetadata {}
  class BotLinkedAccountsMetadata extends Kind<IBotLinkedAccountsMetadata> {
    accounts: proto.IBotLinkedAccount[]
  }
  interface IBotMediaMetadata {
    fileSha256?: string | null | undefined
    mediaKey?: string | null | undefined
    fileEncSha256?: string | null | undefined
    directPath?: string | null | undefined
    mediaKeyTimestamp?: number | Long | null | undefined
    mimetype?: string | null | undefined
    orientationType?: proto.BotMediaMetadata.OrientationType | null | undefined
  }
  interface BotMediaMetadata extends IBotMediaMetadata {}
  class BotMediaMetadata extends Kind<IBotMediaMetadata> {}
  namespace BotMediaMetadata {
    enum OrientationType {
      CENTER = 1,
      LEFT = 2,
      RIGHT = 3,
    }
  }
  interface IBotMemoryFact {
    fact?: string | null | undefined
    factId?: string | null | undefined
  }
  interface BotMemoryFact extends IBotMemoryFact {}
  class BotMemoryFact extends Kind<IBotMemoryFact> {}
  interface IBotMemoryMetadata {
    addedFacts?: proto.IBotMemoryFact[] | null | undefined
    removedFacts?: proto.IBotMemoryFact[] | null | undefined
    disclaimer?: string | null | undefined
  }
  interface BotMemoryMetadata extends IBotMemoryMetadata {}
  class BotMemoryMetadata extends Kind<IBotMemoryMetadata> {
    addedFacts: proto.IBotMemoryFact[]
    removedFacts: proto.IBotMemoryFact[]
  }
  interface IBotMemuMetadata {
    faceImages?: proto.IBotMediaMetadata[] | null | undefined
  }
  interface BotMemuMetadata extends IBotMemuMetadata {}
  class BotMemuMetadata extends Kind<IBotMemuMetadata> {
    faceImages: proto.IBotMediaMetadata[]
  }
  interface IBotMessageOrigin {
    type?: proto.BotMessageOrigin.BotMessageOriginType | null | undefined
  }
  interface BotMessageOrigin extends IBotMessageOrigin {}
  class BotMessageOrigin extends Kind<IBotMessageOrigin> {}
  namespace BotMessageOrigin {
    enum BotMessageOriginType {
      BOT_MESSAGE_ORIGIN_TYPE_AI_INITIATED = 0,
    }
  }
  interface IBotMessageOriginMetadata {
    origins?: proto.IBotMessageOrigin[] | null | undefined
  }
  interface BotMessageOriginMetadata extends IBotMessageOriginMetadata {}
  class BotMessageOriginMetadata extends Kind<IBotMessageOriginMetadata> {
    origins: proto.IBotMessageOrigin[]
  }
  interface IBotMessageSharingInfo {
    botEntryPointOrigin?: proto.BotMetricsEntryPoint | null | undefined
    forwardScore?: number | null | undefined
  }
  interface BotMessageSharingInfo extends IBotMessageSharingInfo {}
  class BotMessageSharingInfo extends Kind<IBotMessageSharingInfo> {}
  interface IBotMetadata {
    personaId?: string | null | undefined
    pluginMetadata?: proto.IBotPluginMetadata | null | undefined
    suggestedPromptMetadata?: proto.IBotSuggestedPromptMetadata | null | undefined
    invokerJid?: string | null | undefined
    sessionMetadata?: proto.IBotSessionMetadata | null | undefined
    memuMetadata?: proto.IBotMemuMetadata | null | undefined
    timezone?: string | null | undefined
    reminderMetadata?: proto.IBotReminderMetadata | null | undefined
    modelMetadata?: proto.IBotModelMetadata | null | undefined
    messageDisclaimerText?: string | null | undefined
    progressIndicatorMetadata?: proto.IBotProgressIndicatorMetadata | null | undefined
    capabilityMetadata?: proto.IBotCapabilityMetadata | null | undefined
    imagineMetadata?: proto.IBotImagineMetadata | null | undefined
    memoryMetadata?: proto.IBotMemoryMetadata | null | undefined
    renderingMetadata?: proto.IBotRenderingMetadata | null | undefined
    botMetricsMetadata?: proto.IBotMetricsMetadata | null | undefined
    botLinkedAccountsMetadata?: proto.IBotLinkedAccountsMetadata | null | undefined
    richResponseSourcesMetadata?: proto.IBotSourcesMetadata | null | undefined
    aiConversationContext?: Uint8Array | null | undefined
    botPromotionMessageMetadata?: proto.IBotPromotionMessageMetadata | null | undefined
    botModeSelectionMetadata?: proto.IBotModeSelectionMetadata | null | undefined
    botQuotaMetadata?: proto.IBotQuotaMetadata | null | undefined
    botAgeCollectionMetadata?: proto.IBotAgeCollectionMetadata | null | undefined
    conversationStarterPromptId?: string | null | undefined
    botResponseId?: string | null | undefined
    verificationMetadata?: proto.IBotSignatureVerificationMetadata | null | undefined
    unifiedResponseMutation?: proto.IBotUnifiedResponseMutation | null | undefined
    botMessageOriginMetadata?: proto.IBotMessageOriginMetadata | null | undefined
    inThreadSurveyMetadata?: proto.IInThreadSurveyMetadata | null | undefined
    botThreadInfo?: proto.IAIThreadInfo | null | undefined
    regenerateMetadata?: proto.IAIRegenerateMetadata | null | undefined
    sessionTransparencyMetadata?: proto.ISessionTransparencyMetadata | null | undefined
    botDocumentMessageMetadata?: proto.IBotDocumentMessageMetadata | null | undefined
    botGroupMetadata?: proto.IBotGroupMetadata | null | undefined
    botRenderingConfigMetadata?: proto.IBotRenderingConfigMetadata | null | undefined
    botInfrastructureDiagnostics?: proto.IBotInfrastructureDiagnostics | null | undefined
    aiMediaCollectionMetadata?: proto.IAIMediaCollectionMetadata | null | undefined
    commandMetadata?: proto.IBotCommandMetadata | null | undefined
    resolvedToolCallMetadata?: proto.IBotResolvedToolCallMetadata | null | undefined
    subscriptionUpsellMetadata?: proto.IAISubscriptionUpsellMetadata | null | undefined
    pttPromptMetadata?: proto.IBotPttPromptMetadata | null | undefined
    internalMetadata?: Uint8Array | null | undefined
  }
  interface BotMetadata extends IBotMetadata {}
  class BotMetadata extends Kind<IBotMetadata> {}
  enum BotMetricsEntryPoint {
    UNDEFINED_ENTRY_POINT = 0,
    FAVICON = 1,
    CHATLIST = 2,
    AISEARCH_NULL_STATE_PAPER_PLANE = 3,
    AISEARCH_NULL_STATE_SUGGESTION = 4,
    AISEARCH_TYPE_AHEAD_SUGGESTION = 5,
    AISEARCH_TYPE_AHEAD_PAPER_PLANE = 6,
    AISEARCH_TYPE_AHEAD_RESULT_CHATLIST = 7,
    AISEARCH_TYPE_AHEAD_RESULT_MESSAGES = 8,
    AIVOICE_SEARCH_BAR = 9,
    AIVOICE_FAVICON = 10,
    AISTUDIO = 11,
    DEEPLINK = 12,
    NOTIFICATION = 13,
    PROFILE_MESSAGE_BUTTON = 14,
    FORWARD = 15,
    APP_SHORTCUT = 16,
    FF_FAMILY = 17,
    AI_TAB = 18,
    AI_HOME = 19,
    AI_DEEPLINK_IMMERSIVE = 20,
    AI_DEEPLINK = 21,
    META_AI_CHAT_SHORTCUT_AI_STUDIO = 22,
    UGC_CHAT_SHORTCUT_AI_STUDIO = 23,
    NEW_CHAT_AI_STUDIO = 24,
    AIVOICE_FAVICON_CALL_HISTORY = 25,
    ASK_META_AI_CONTEXT_MENU = 26,
    ASK_META_AI_CONTEXT_MENU_1ON1 = 27,
    ASK_META_AI_CONTEXT_MENU_GROUP = 28,
    INVOKE_META_AI_1ON1 = 29,
    INVOKE_META_AI_GROUP = 30,
    META_AI_FORWARD = 31,
    NEW_CHAT_AI_CONTACT = 32,
    MESSAGE_QUICK_ACTION_1_ON_1_CHAT = 33,
    MESSAGE_QUICK_ACTION_GROUP_CHAT = 34,
    ATTACHMENT_TRAY_1_ON_1_CHAT = 35,
    ATTACHMENT_TRAY_GROUP_CHAT = 36,
    ASK_META_AI_MEDIA_VIEWER_1ON1 = 37,
    ASK_META_AI_MEDIA_VIEWER_GROUP = 38,
    MEDIA_PICKER_1_ON_1_CHAT = 39,
    MEDIA_PICKER_GROUP_CHAT = 40,
    ASK_META_AI_NO_SEARCH_RESULTS = 41,
    META_AI_SETTINGS = 45,
    WEB_INTRO_PANEL = 46,
    WEB_NAVIGATION_BAR = 47,
    GROUP_MEMBER = 54,
    CHATLIST_SEARCH = 55,
    NEW_CHAT_LIST = 56,
  }
  interface IBotMetricsMetadata {
    destinationId?: string | null | undefined
    destinationEntryPoint?: proto.BotMetricsEntryPoint | null | undefined
    threadOrigin?: proto.BotMetricsThreadEntryPoint | null | undefined
  }
  interface BotMetricsMetadata extends IBotMetricsMetadata {}
  class BotMetricsMetadata extends Kind<IBotMetricsMetadata> {}
  enum BotMetricsThreadEntryPoint {
    AI_TAB_THREAD = 1,
    AI_HOME_THREAD = 2,
    AI_DEEPLINK_IMMERSIVE_THREAD = 3,
    AI_DEEPLINK_THREAD = 4,
    ASK_META_AI_CONTEXT_MENU_THREAD = 5,
  }
  interface IBotModeSelectionMetadata {
    mode?: proto.BotModeSelectionMetadata.BotUserSelectionMode[] | null | undefined
    overrideMode?: number[] | null | undefined
  }
  interface BotModeSelectionMetadata extends IBotModeSelectionMetadata {}
  class BotModeSelectionMetadata extends Kind<IBotModeSelectionMetadata> {
    mode: proto.BotModeSelectionMetadata.BotUserSelectionMode[]
    overrideMode: number[]
  }
  namespace BotModeSelectionMetadata {
    enum BotUserSelectionMode {
      DEFAULT_MODE = 0,
      THINK_HARD_MODE = 1,
      UNKNOWN_MODE = 0,
      REASONING_MODE = 1,
    }
  }
  interface IBotModelMetadata {
    modelType?: proto.BotModelMetadata.ModelType | null | undefined
    premiumModelStatus?: proto.BotModelMetadata.PremiumModelStatus | null | undefined
    modelNameOverride?: string | null | undefined
  }
  interface BotModelMetadata extends IBotModelMetadata {}
  class BotModelMetadata extends Kind<IBotModelMetadata> {}
  namespace BotModelMetadata {
    enum ModelType {
      UNKNOWN_TYPE = 0,
      LLAMA_PROD = 1,
      LLAMA_PROD_PREMIUM = 2,
    }
    enum PremiumModelStatus {
      UNKNOWN_STATUS = 0,
      AVAILABLE = 1,
      QUOTA_EXCEED_LIMIT = 2,
    }
  }
  interface IBotPluginMetadata {
    provider?: proto.BotPluginMetadata.SearchProvider | null | undefined
    pluginType?: proto.BotPluginMetadata.PluginType | null | undefined
    thumbnailCdnUrl?: string | null | undefined
    profilePhotoCdnUrl?: string | null | undefined
    searchProviderUrl?: string | null | undefined
    referenceIndex?: number | null | undefined
    expectedLinksCount?: number | null | undefined
    searchQuery?: string | null | undefined
    parentPluginMessageKey?: proto.IMessageKey | null | undefined
    deprecatedField?: proto.BotPluginMetadata.PluginType | null | undefined
    parentPluginType?: proto.BotPluginMetadata.PluginType | null | undefined
    faviconCdnUrl?: string | null | undefined
  }
  interface BotPluginMetadata extends IBotPluginMetadata {}
  class BotPluginMetadata extends Kind<IBotPluginMetadata> {}
  namespace BotPluginMetadata {
    enum PluginType {
      UNKNOWN_PLUGIN = 0,
      REELS = 1,
      SEARCH = 2,
    }
    enum SearchProvider {
      UNKNOWN = 0,
      BING = 1,
      GOOGLE = 2,
      SUPPORT = 3,
    }
  }
  interface IBotProgressIndicatorMetadata {
    progressDescription?: string | null | undefined
    stepsMetadata?: proto.BotProgressIndicatorMetadata.IBotPlanningStepMetadata[] | null | undefined
    estimatedCompletionTime?: number | Long | null | undefined
  }
  interface BotProgressIndicatorMetadata extends IBotProgressIndicatorMetadata {}
  class BotProgressIndicatorMetadata extends Kind<IBotProgressIndicatorMetadata> {
    stepsMetadata: proto.BotProgressIndicatorMetadata.IBotPlanningStepMetadata[]
  }
  namespace BotProgressIndicatorMetadata {
    interface IBotPlanningStepMetadata {
      statusTitle?: string | null | undefined
      statusBody?: string | null | undefined
      sourcesMetadata?: proto.BotProgressIndicatorMetadata.BotPlanningStepMetadata.IBotPlanningSearchSourcesMetadata[] | null | undefined
      status?: proto.BotProgressIndicatorMetadata.BotPlanningStepMetadata.PlanningStepStatus | null | undefined
      isReasoning?: boolean | null | undefined
      isEnhancedSearch?: boolean | null | undefined
      sections?: proto.BotProgressIndicatorMetadata.BotPlanningStepMetadata.IBotPlanningStepSectionMetadata[] | null | undefined
    }
    interface BotPlanningStepMetadata extends IBotPlanningStepMetadata {}
    class BotPlanningStepMetadata extends Kind<IBotPlanningStepMetadata> {
      sourcesMetadata: proto.BotProgressIndicatorMetadata.BotPlanningStepMetadata.IBotPlanningSearchSourcesMetadata[]
      sections: proto.BotProgressIndicatorMetadata.BotPlanningStepMetadata.IBotPlanningStepSectionMetadata[]
    }
    namespace BotPlanningStepMetadata {
      interface IBotPlanningSearchSourceMetadata {
        title?: string | null | undefined
        provider?: proto.BotProgressIndicatorMetadata.BotPlanningStepMetadata.BotSearchSourceProvider | null | undefined
        sourceUrl?: string | null | undefined
        favIconUrl?: string | null | undefined
      }
      interface BotPlanningSearchSourceMetadata extends IBotPlanningSearchSourceMetadata {}
      class BotPlanningSearchSourceMetadata extends Kind<IBotPlanningSearchSourceMetadata> {}
      interface IBotPlanningSearchSourcesMetadata {
        sourceTitle?: string | null | undefined
        provider?: proto.BotProgressIndicatorMetadata.BotPlanningStepMetadata.BotPlanningSearchSourcesMetadata.BotPlanningSearchSourceProvider | null | undefined
        sourceUrl?: string | null | undefined
      }
      interface BotPlanningSearchSourcesMetadata extends IBotPlanningSearchSourcesMetadata {}
      class BotPlanningSearchSourcesMetadata extends Kind<IBotPlanningSearchSourcesMetadata> {}
      namespace BotPlanningSearchSourcesMetadata {
        enum BotPlanningSearchSourceProvider {
          UNKNOWN = 0,
          OTHER = 1,
          GOOGLE = 2,
          BING = 3,
        }
      }
      interface IBotPlanningStepSectionMetadata {
        sectionTitle?: string | null | undefined
        sectionBody?: string | null | undefined
        sourcesMetadata?: proto.BotProgressIndicatorMetadata.BotPlanningStepMetadata.IBotPlanningSearchSourceMetadata[] | null | undefined
      }
      interface BotPlanningStepSectionMetadata extends IBotPlanningStepSectionMetadata {}
      class BotPlanningStepSectionMetadata extends Kind<IBotPlanningStepSectionMetadata> {
        sourcesMetadata: proto.BotProgressIndicatorMetadata.BotPlanningStepMetadata.IBotPlanningSearchSourceMetadata[]
      }
      enum BotSearchSourceProvider {
        UNKNOWN_PROVIDER = 0,
        OTHER = 1,
        GOOGLE = 2,
        BING = 3,
      }
      enum PlanningStepStatus {
        UNKNOWN = 0,
        PLANNED = 1,
        EXECUTING = 2,
        FINISHED = 3,
      }
    }
  }
  interface IBotPromotionMessageMetadata {
    promotionType?: proto.BotPromotionMessageMetadata.BotPromotionType | null | undefined
    buttonTitle?: string | null | undefined
  }
  interface BotPromotionMessageMetadata extends IBotPromotionMessageMetadata {}
  class BotPromotionMessageMetadata extends Kind<IBotPromotionMessageMetadata> {}
  namespace BotPromotionMessageMetadata {
    enum BotPromotionType {
      UNKNOWN_TYPE = 0,
      C50 = 1,
      SURVEY_PLATFORM = 2,
    }
  }
  interface IBotPromptSuggestion {
    prompt?: string | null | undefined
    promptId?: string | null | undefined
  }
  interface BotPromptSuggestion extends IBotPromptSuggestion {}
  class BotPromptSuggestion extends Kind<IBotPromptSuggestion> {}
  interface IBotPromptSuggestions {
    suggestions?: proto.IBotPromptSuggestion[] | null | undefined
  }
  interface BotPromptSuggestions extends IBotPromptSuggestions {}
  class BotPromptSuggestions extends Kind<IBotPromptSuggestions> {
    suggestions: proto.IBotPromptSuggestion[]
  }
  interface IBotPttPromptMetadata {
    transcript?: string | null | undefined
  }
  interface BotPttPromptMetadata extends IBotPttPromptMetadata {}
  class BotPttPromptMetadata extends Kind<IBotPttPromptMetadata> {}
  interface IBotQuotaMetadata {
    botFeatureQuotaMetadata?: proto.BotQuotaMetadata.IBotFeatureQuotaMetadata[] | null | undefined
  }
  interface BotQuotaMetadata extends IBotQuotaMetadata {}
  class BotQuotaMetadata extends Kind<IBotQuotaMetadata> {
    botFeatureQuotaMetadata: proto.BotQuotaMetadata.IBotFeatureQuotaMetadata[]
  }
  namespace BotQuotaMetadata {
    interface IBotFeatureQuotaMetadata {
      featureType?: proto.BotQuotaMetadata.BotFeatureQuotaMetadata.BotFeatureType | null | undefined
      remainingQuota?: number | null | undefined
      expirationTimestamp?: number | Long | null | undefined
    }
    interface BotFeatureQuotaMetadata extends IBotFeatureQuotaMetadata {}
    class BotFeatureQuotaMetadata extends Kind<IBotFeatureQuotaMetadata> {}
    namespace BotFeatureQuotaMetadata {
      enum BotFeatureType {
        UNKNOWN_FEATURE = 0,
        REASONING_FEATURE = 1,
      }
    }
  }
  interface IBotReminderMetadata {
    requestMessageKey?: proto.IMessageKey | null | undefined
    action?: proto.BotReminderMetadata.ReminderAction | null | undefined
    name?: string | null | undefined
    nextTriggerTimestamp?: number | Long | null | undefined
    frequency?: proto.BotReminderMetadata.ReminderFrequency | null | undefined
  }
  interface BotReminderMetadata extends IBotReminderMetadata {}
  class BotReminderMetadata extends Kind<IBotReminderMetadata> {}
  namespace BotReminderMetadata {
    enum ReminderAction {
      NOTIFY = 1,
      CREATE = 2,
      DELETE = 3,
      UPDATE = 4,
    }
    enum ReminderFrequency {
      ONCE = 1,
      DAILY = 2,
      WEEKLY = 3,
      BIWEEKLY = 4,
      MONTHLY = 5,
    }
  }
  interface IBotRenderingConfigMetadata {
    bloksVersioningId?: string | null | undefined
    pixelDensity?: number | null | undefined
  }
  interface BotRenderingConfigMetadata extends IBotRenderingConfigMetadata {}
  class BotRenderingConfigMetadata extends Kind<IBotRenderingConfigMetadata> {}
  interface IBotRenderingMetadata {
    keywords?: proto.BotRenderingMetadata.IKeyword[] | null | undefined
  }
  interface BotRenderingMetadata extends IBotRenderingMetadata {}
  class BotRenderingMetadata extends Kind<IBotRenderingMetadata> {
    keywords: proto.BotRenderingMetadata.IKeyword[]
  }
  namespace BotRenderingMetadata {
    interface IKeyword {
      value?: string | null | undefined
      associatedPrompts?: string[] | null | undefined
    }
    interface Keyword extends IKeyword {}
    class Keyword extends Kind<IKeyword> {
      associatedPrompts: string[]
    }
  }
  interface IBotResolvedToolCallMetadata {
    toolCallId?: string | null | undefined
    resolutionDataSerialized?: string | null | undefined
  }
  interface BotResolvedToolCallMetadata extends IBotResolvedToolCallMetadata {}
  class BotResolvedToolCallMetadata extends Kind<IBotResolvedToolCallMetadata> {}
  interface IBotSessionMetadata {
    sessionId?: string | null | undefined
    sessionSource?: proto.BotSessionSource | null | undefined
  }
  interface BotSessionMetadata extends IBotSessionMetadata {}
  class BotSessionMetadata extends Kind<IBotSessionMetadata> {}
  enum BotSessionSource {
    NONE = 0,
    NULL_STATE = 1,
    TYPEAHEAD = 2,
    USER_INPUT = 3,
    EMU_FLASH = 4,
    EMU_FLASH_FOLLOWUP = 5,
    VOICE = 6,
    AI_HOME_SESSION = 7,
  }
  interface IBotSignatureVerificationMetadata {
    proofs?: proto.IBotSignatureVerificationUseCaseProof[] | null | undefined
  }
  interface BotSignatureVerificationMetadata extends IBotSignatureVerificationMetadata {}
  class BotSignatureVerificationMetadata extends Kind<IBotSignatureVerificationMetadata> {
    proofs: proto.IBotSignatureVerificationUseCaseProof[]
  }
  interface IBotSignatureVerificationUseCaseProof {
    version?: number | null | undefined
    useCase?: proto.BotSignatureVerificationUseCaseProof.BotSignatureUseCase | null | undefined
    signature?: Uint8Array | null | undefined
    certificateChain?: Uint8Array[] | null | undefined
  }
  interface BotSignatureVerificationUseCaseProof extends IBotSignatureVerificationUseCaseProof {}
  class BotSignatureVerificationUseCaseProof extends Kind<IBotSignatureVerificationUseCaseProof> {
    certificateChain: Uint8Array[]
  }
  namespace BotSignatureVerificationUseCaseProof {
    enum BotSignatureUseCase {
      UNSPECIFIED = 0,
      WA_BOT_MSG = 1,
      WA_TEE_BOT_MSG = 2,
      P2P_PILLS = 3,
    }
  }
  interface IBotSourcesMetadata {
    sources?: proto.BotSourcesMetadata.IBotSourceItem[] | null | undefined
  }
  interface BotSourcesMetadata extends IBotSourcesMetadata {}
  class BotSourcesMetadata extends Kind<IBotSourcesMetadata> {
    sources: proto.BotSourcesMetadata.IBotSourceItem[]
  }
  namespace BotSourcesMetadata {
    interface IBotSourceItem {
      provider?: proto.BotSourcesMetadata.BotSourceItem.SourceProvider | null | undefined
      thumbnailCdnUrl?: string | null | undefined
      sourceProviderUrl?: string | null | undefined
      sourceQuery?: string | null | undefined
      faviconCdnUrl?: string | null | undefined
      citationNumber?: number | null | undefined
      sourceTitle?: string | null | undefined
    }
    interface BotSourceItem extends IBotSourceItem {}
    class BotSourceItem extends Kind<IBotSourceItem> {}
    namespace BotSourceItem {
      enum SourceProvider {
        UNKNOWN = 0,
        BING = 1,
        GOOGLE = 2,
        SUPPORT = 3,
        OTHER = 4,
      }
    }
  }
  interface IBotSuggestedPromptMetadata {
    suggestedPrompts?: string[] | null | undefined
    selectedPromptIndex?: number | null | undefined
    promptSuggestions?: proto.IBotPromptSuggestions | null | undefined
    selectedPromptId?: string | null | undefined
  }
  interface BotSuggestedPromptMetadata extends IBotSuggestedPromptMetadata {}
  class BotSuggestedPromptMetadata extends Kind<IBotSuggestedPromptMetadata> {
    suggestedPrompts: string[]
  }
  interface IBotUnifiedResponseMutation {
    sbsMetadata?: proto.BotUnifiedResponseMutation.ISideBySideMetadata | null | undefined
    mediaDetailsMetadataList?: proto.BotUnifiedResponseMutation.IMediaDetailsMetadata[] | null | undefined
  }
  interface BotUnifiedResponseMutation extends IBotUnifiedResponseMutation {}
  class BotUnifiedResponseMutation extends Kind<IBotUnifiedResponseMutation> {
    mediaDetailsMetadataList: proto.BotUnifiedResponseMutation.IMediaDetailsMetadata[]
  }
  namespace BotUnifiedResponseMutation {
    interface IMediaDetailsMetadata {
      id?: string | null | undefined
      highResMedia?: proto.IBotMediaMetadata | null | undefined
      previewMedia?: proto.IBotMediaMetadata | null | undefined
    }
    interface MediaDetailsMetadata extends IMediaDetailsMetadata {}
    class MediaDetailsMetadata extends Kind<IMediaDetailsMetadata> {}
    interface ISideBySideMetadata {
      primaryResponseId?: string | null | undefined
      surveyCtaHasRendered?: boolean | null | undefined
    }
    interface SideBySideMetadata extends ISideBySideMetadata {}
    class SideBySideMetadata extends Kind<ISideBySideMetadata> {}
  }
  enum COMMAND_COMMAND_TYPE {
    EVERYONE = 1,
    SILENT = 2,
    AI = 3,
    AI_IMAGINE = 4,
  }
  enum CONSUMER_APPLICATION_METADATA_SPECIAL_TEXT_SIZE {
    SMALL = 1,
    MEDIUM = 2,
    LARGE = 3,
  }
  enum CONSUMER_APPLICATION_STATUS_TEXT_MESAGE_FONT_TYPE {
    SANS_SERIF = 0,
    SERIF = 1,
    NORICAN_REGULAR = 2,
    BRYNDAN_WRITE = 3,
    BEBASNEUE_REGULAR = 4,
    OSWALD_HEAVY = 5,
  }
  interface ICallLogRecord {
    callResult?: proto.CallLogRecord.CallResult | null | undefined
    isDndMode?: boolean | null | undefined
    silenceReason?: proto.CallLogRecord.SilenceReason | null | undefined
    duration?: number | Long | null | undefined
    startTime?: number | Long | null | undefined
    isIncoming?: boolean | null | undefined
    isVideo?: boolean | null | undefined
    isCallLink?: boolean | null | undefined
    callLinkToken?: string | null | undefined
    scheduledCallId?: string | null | undefined
    callId?: string | null | undefined
    callCreatorJid?: string | null | undefined
    groupJid?: string | null | undefined
    participants?: proto.CallLogRecord.IParticipantInfo[] | null | undefined
    callType?: proto.CallLogRecord.CallType | null | undefined
  }
  interface CallLogRecord extends ICallLogRecord {}
  class CallLogRecord extends Kind<ICallLogRecord> {
    participants: proto.CallLogRecord.IParticipantInfo[]
  }
  namespace CallLogRecord {
    enum CallResult {
      CONNECTED = 0,
      REJECTED = 1,
      CANCELLED = 2,
      ACCEPTEDELSEWHERE = 3,
      MISSED = 4,
      INVALID = 5,
      UNAVAILABLE = 6,
      UPCOMING = 7,
      FAILED = 8,
      ABANDONED = 9,
      ONGOING = 10,
    }
    enum CallType {
      REGULAR = 0,
      SCHEDULED_CALL = 1,
      VOICE_CHAT = 2,
    }
    interface IParticipantInfo {
      userJid?: string | null | undefined
      callResult?: proto.CallLogRecord.CallResult | null | undefined
    }
    interface ParticipantInfo extends IParticipantInfo {}
    class ParticipantInfo extends Kind<IParticipantInfo> {}
    enum SilenceReason {
      NONE = 0,
      SCHEDULED = 1,
      PRIVACY = 2,
      LIGHTWEIGHT = 3,
    }
  }
  interface ICertChain {
    leaf?: proto.CertChain.INoiseCertificate | null | undefined
    intermediate?: proto.CertChain.INoiseCertificate | null | undefined
  }
  interface CertChain extends ICertChain {}
  class CertChain extends Kind<ICertChain> {}
  namespace CertChain {
    interface INoiseCertificate {
      details?: Uint8Array | null | undefined
      signature?: Uint8Array | null | undefined
    }
    interface NoiseCertificate extends INoiseCertificate {}
    class NoiseCertificate extends Kind<INoiseCertificate> {}
    namespace NoiseCertificate {
      interface IDetails {
        serial?: number | null | undefined
        issuerSerial?: number | null | undefined
        key?: Uint8Array | null | undefined
        notBefore?: number | Long | null | undefined
        notAfter?: number | Long | null | undefined
      }
      interface Details extends IDetails {}
      class Details extends Kind<IDetails> {}
    }
  }
  interface IChatLockSettings {
    hideLockedChats?: boolean | null | undefined
    secretCode?: proto.IUserPassword | null | undefined
  }
  interface ChatLockSettings extends IChatLockSettings {}
  class ChatLockSettings extends Kind<IChatLockSettings> {}
  interface IChatRowOpaqueData {
    draftMessage?: proto.ChatRowOpaqueData.IDraftMessage | null | undefined
  }
  interface ChatRowOpaqueData extends IChatRowOpaqueData {}
  class ChatRowOpaqueData extends Kind<IChatRowOpaqueData> {}
  namespace ChatRowOpaqueData {
    interface IDraftMessage {
      text?: string | null | undefined
      omittedUrl?: string | null | undefined
      ctwaContextLinkData?: proto.ChatRowOpaqueData.DraftMessage.ICtwaContextLinkData | null | undefined
      ctwaContext?: proto.ChatRowOpaqueData.DraftMessage.ICtwaContextData | null | undefined
      timestamp?: number | Long | null | undefined
    }
    interface DraftMessage extends IDraftMessage {}
    class DraftMessage extends Kind<IDraftMessage> {}
    namespace DraftMessage {
      interface ICtwaContextData {
        conversionSource?: string | null | undefined
        conversionData?: Uint8Array | null | undefined
        sourceUrl?: string | null | undefined
        sourceId?: string | null | undefined
        sourceType?: string | null | undefined
        title?: string | null | undefined
        description?: string | null | undefined
        thumbnail?: string | null | undefined
        thumbnailUrl?: string | null | undefined
        mediaType?: proto.ChatRowOpaqueData.DraftMessage.CtwaContextData.ContextInfoExternalAdReplyInfoMediaType | null | undefined
        mediaUrl?: string | null | undefined
        isSuspiciousLink?: boolean | null | undefined
      }
      interface CtwaContextData extends ICtwaContextData {}
      class CtwaContextData extends Kind<ICtwaContextData> {}
      namespace CtwaContextData {
        enum ContextInfoExternalAdReplyInfoMediaType {
          NONE = 0,
          IMAGE = 1,
          VIDEO = 2,
        }
      }
      interface ICtwaContextLinkData {
        context?: string | null | undefined
        sourceUrl?: string | null | undefined
        icebreaker?: string | null | undefined
        phone?: string | null | undefined
      }
      interface CtwaContextLinkData extends ICtwaContextLinkData {}
      class CtwaContextLinkData extends Kind<ICtwaContextLinkData> {}
    }
  }
  interface ICitation {
    title?: string | null | undefined
    subtitle?: string | null | undefined
    cmsId?: string | null | undefined
    imageUrl?: string | null | undefined
  }
  interface Citation extends ICitation {}
  class Citation extends Kind<ICitation> {
    title: string
    subtitle: string
    cmsId: string
    imageUrl: string
  }
  interface IClientPairingProps {
    isChatDbLidMigrated?: boolean | null | undefined
    isSyncdPureLidSession?: boolean | null | undefined
    isSyncdSnapshotRecoveryEnabled?: boolean | null | undefined
    isHsThumbnailSyncEnabled?: boolean | null | undefined
    subscriptionSyncPayload?: Uint8Array | null | undefined
  }
  interface ClientPairingProps extends IClientPairingProps {}
  class ClientPairingProps extends Kind<IClientPairingProps> {}
  interface IClientPayload {
    username?: number | Long | null | undefined
    passive?: boolean | null | undefined
    userAgent?: proto.ClientPayload.IUserAgent | null | undefined
    webInfo?: proto.ClientPayload.IWebInfo | null | undefined
    pushName?: string | null | undefined
    sessionId?: number | null | undefined
    shortConnect?: boolean | null | undefined
    connectType?: proto.ClientPayload.ConnectType | null | undefined
    connectReason?: proto.ClientPayload.ConnectReason | null | undefined
    shards?: number[] | null | undefined
    dnsSource?: proto.ClientPayload.IDNSSource | null | undefined
    connectAttemptCount?: number | null | undefined
    device?: number | null | undefined
    devicePairingData?: proto.ClientPayload.IDevicePairingRegistrationData | null | undefined
    product?: proto.ClientPayload.Product | null | undefined
    fbCat?: Uint8Array | null | undefined
    fbUserAgent?: Uint8Array | null | undefined
    oc?: boolean | null | undefined
    lc?: number | null | undefined
    iosAppExtension?: proto.ClientPayload.IOSAppExtension | null | undefined
    fbAppId?: number | Long | null | undefined
    fbDeviceId?: Uint8Array | null | undefined
    pull?: boolean | null | undefined
    paddingBytes?: Uint8Array | null | undefined
    yearClass?: number | null | undefined
    memClass?: number | null | undefined
    interopData?: proto.ClientPayload.IInteropData | null | undefined
    trafficAnonymization?: proto.ClientPayload.TrafficAnonymization | null | undefined
    lidDbMigrated?: boolean | null | undefined
    accountType?: proto.ClientPayload.AccountType | null | undefined
    connectionSequenceInfo?: number | null | undefined
    paaLink?: boolean | null | undefined
    preacksCount?: number | null | undefined
    processingQueueSize?: number | null | undefined
    pairedPeripherals?: string[] | null | undefined
    testIsolationId?: Uint8Array | null | undefined
  }
  interface ClientPayload extends IClientPayload {}
  class ClientPayload extends Kind<IClientPayload> {
    shards: number[]
    pairedPeripherals: string[]
  }
  namespace ClientPayload {
    enum AccountType {
      DEFAULT = 0,
      GUEST = 1,
    }
    enum ConnectReason {
      PUSH = 0,
      USER_ACTIVATED = 1,
      SCHEDULED = 2,
      ERROR_RECONNECT = 3,
      NETWORK_SWITCH = 4,
      PING_RECONNECT = 5,
      UNKNOWN = 6,
    }
    enum ConnectType {
      CELLULAR_UNKNOWN = 0,
      WIFI_UNKNOWN = 1,
      CELLULAR_EDGE = 100,
      CELLULAR_IDEN = 101,
      CELLULAR_UMTS = 102,
      CELLULAR_EVDO = 103,
      CELLULAR_GPRS = 104,
      CELLULAR_HSDPA = 105,
      CELLULAR_HSUPA = 106,
      CELLULAR_HSPA = 107,
      CELLULAR_CDMA = 108,
      CELLULAR_1XRTT = 109,
      CELLULAR_EHRPD = 110,
      CELLULAR_LTE = 111,
      CELLULAR_HSPAP = 112,
    }
    interface IDNSSource {
      dnsMethod?: proto.ClientPayload.DNSSource.DNSResolutionMethod | null | undefined
      appCached?: boolean | null | undefined
    }
    interface DNSSource extends IDNSSource {}
    class DNSSource extends Kind<IDNSSource> {}
    namespace DNSSource {
      enum DNSResolutionMethod {
        SYSTEM = 0,
        GOOGLE = 1,
        HARDCODED = 2,
        OVERRIDE = 3,
        FALLBACK = 4,
        MNS = 5,
        MNS_SECONDARY = 6,
        SOCKS_PROXY = 7,
      }
    }
    interface IDevicePairingRegistrationData {
      eRegid?: Uint8Array | null | undefined
      eKeytype?: Uint8Array | null | undefined
      eIdent?: Uint8Array | null | undefined
      eSkeyId?: Uint8Array | null | undefined
      eSkeyVal?: Uint8Array | null | undefined
      eSkeySig?: Uint8Array | null | undefined
      buildHash?: Uint8Array | null | undefined
      deviceProps?: Uint8Array | null | undefined
    }
    interface DevicePairingRegistrationData extends IDevicePairingRegistrationData {}
    class DevicePairingRegistrationData extends Kind<IDevicePairingRegistrationData> {}
    enum IOSAppExtension {
      SHARE_EXTENSION = 0,
      SERVICE_EXTENSION = 1,
      INTENTS_EXTENSION = 2,
    }
    interface IInteropData {
      accountId?: number | Long | null | undefined
      token?: Uint8Array | null | undefined
      enableReadReceipts?: boolean | null | undefined
    }
    interface InteropData extends IInteropData {}
    class InteropData extends Kind<IInteropData> {}
    enum Product {
      WHATSAPP = 0,
      MESSENGER = 1,
      INTEROP = 2,
      INTEROP_MSGR = 3,
      WHATSAPP_LID = 4,
    }
    enum TrafficAnonymization {
      OFF = 0,
      STANDARD = 1,
    }
    interface IUserAgent {
      platform?: proto.ClientPayload.UserAgent.Platform | null | undefined
      appVersion?: proto.ClientPayload.UserAgent.IAppVersion | null | undefined
      mcc?: string | null | undefined
      mnc?: string | null | undefined
      osVersion?: string | null | undefined
      manufacturer?: string | null | undefined
      device?: string | null | undefined
      osBuildNumber?: string | null | undefined
      phoneId?: string | null | undefined
      releaseChannel?: proto.ClientPayload.UserAgent.ReleaseChannel | null | undefined
      localeLanguageIso6391?: string | null | undefined
      localeCountryIso31661Alpha2?: string | null | undefined
      deviceBoard?: string | null | undefined
      deviceExpId?: string | null | undefined
      deviceType?: proto.ClientPayload.UserAgent.DeviceType | null | undefined
      deviceModelType?: string | null | undefined
      distributionChannel?: proto.ClientPayload.UserAgent.DistributionChannel | null | undefined
    }
    interface UserAgent extends IUserAgent {}
    class UserAgent extends Kind<IUserAgent> {}
    namespace UserAgent {
      interface IAppVersion {
        primary?: number | null | undefined
        secondary?: number | null | undefined
        tertiary?: number | null | undefined
        quaternary?: number | null | undefined
        quinary?: number | null | undefined
      }
      interface AppVersion extends IAppVersion {}
      class AppVersion extends Kind<IAppVersion> {}
      enum DeviceType {
        PHONE = 0,
        TABLET = 1,
        DESKTOP = 2,
        WEARABLE = 3,
        VR = 4,
      }
      enum DistributionChannel {
        APPSTORE = 0,
        WEBSITE = 1,
        TESTFLIGHT = 2,
        INTERNAL = 3,
      }
      enum Platform {
        ANDROID = 0,
        IOS = 1,
        WINDOWS_PHONE = 2,
        BLACKBERRY = 3,
        BLACKBERRYX = 4,
        S40 = 5,
        S60 = 6,
        PYTHON_CLIENT = 7,
        TIZEN = 8,
        ENTERPRISE = 9,
        SMB_ANDROID = 10,
        KAIOS = 11,
        SMB_IOS = 12,
        WINDOWS = 13,
        WEB = 14,
        PORTAL = 15,
        GREEN_ANDROID = 16,
        GREEN_IPHONE = 17,
        BLUE_ANDROID = 18,
        BLUE_IPHONE = 19,
        FBLITE_ANDROID = 20,
        MLITE_ANDROID = 21,
        IGLITE_ANDROID = 22,
        PAGE = 23,
        MACOS = 24,
        OCULUS_MSG = 25,
        OCULUS_CALL = 26,
        MILAN = 27,
        CAPI = 28,
        WEAROS = 29,
        ARDEVICE = 30,
        VRDEVICE = 31,
        BLUE_WEB = 32,
        IPAD = 33,
        TEST = 34,
        SMART_GLASSES = 35,
        BLUE_VR = 36,
        AR_WRIST = 37,
      }
      enum ReleaseChannel {
        RELEASE = 0,
        BETA = 1,
        ALPHA = 2,
        DEBUG = 3,
      }
    }
    interface IWebInfo {
      refToken?: string | null | undefined
      version?: string | null | undefined
      webdPayload?: proto.ClientPayload.WebInfo.IWebdPayload | null | undefined
      webSubPlatform?: proto.ClientPayload.WebInfo.WebSubPlatform | null | undefined
      browser?: string | null | undefined
      browserVersion?: string | null | undefined
    }
    interface WebInfo extends IWebInfo {}
    class WebInfo extends Kind<IWebInfo> {}
    namespace WebInfo {
      enum WebSubPlatform {
        WEB_BROWSER = 0,
        APP_STORE = 1,
        WIN_STORE = 2,
        DARWIN = 3,
        WIN32 = 4,
        WIN_HYBRID = 5,
      }
      interface IWebdPayload {
        usesParticipantInKey?: boolean | null | undefined
        supportsStarredMessages?: boolean | null | undefined
        supportsDocumentMessages?: boolean | null | undefined
        supportsUrlMessages?: boolean | null | undefined
        supportsMediaRetry?: boolean | null | undefined
        supportsE2EImage?: boolean | null | undefined
        supportsE2EVideo?: boolean | null | undefined
        supportsE2EAudio?: boolean | null | undefined
        supportsE2EDocument?: boolean | null | undefined
        documentTypes?: string | null | undefined
        features?: Uint8Array | null | undefined
      }
      interface WebdPayload extends IWebdPayload {}
      class WebdPayload extends Kind<IWebdPayload> {}
    }
  }
  enum CollectionName {
    COLLECTION_NAME_UNKNOWN = 0,
    REGULAR = 1,
    REGULAR_LOW = 2,
    REGULAR_HIGH = 3,
    CRITICAL_BLOCK = 4,
    CRITICAL_UNBLOCK_LOW = 5,
  }
  interface ICombinedFingerprint {
    version?: number | null | undefined
    localFingerprint?: proto.IFingerprintData | null | undefined
    remoteFingerprint?: proto.IFingerprintData | null | undefined
  }
  interface CombinedFingerprint extends ICombinedFingerprint {}
  class CombinedFingerprint extends Kind<ICombinedFingerprint> {}
  interface ICommand {
    commandType?: proto.COMMAND_COMMAND_TYPE | null | undefined
    offset?: number | null | undefined
    length?: number | null | undefined
    validationToken?: string | null | undefined
  }
  interface Command extends ICommand {}
  class Command extends Kind<ICommand> {}
  interface ICommentMetadata {
    commentParentKey?: proto.IMessageKey | null | undefined
    replyCount?: number | null | undefined
  }
  interface CommentMetadata extends ICommentMetadata {}
  class CommentMetadata extends Kind<ICommentMetadata> {}
  interface ICompanionCommitment {
    hash?: Uint8Array | null | undefined
  }
  interface CompanionCommitment extends ICompanionCommitment {}
  class CompanionCommitment extends Kind<ICompanionCommitment> {}
  interface ICompanionEphemeralIdentity {
    publicKey?: Uint8Array | null | undefined
    deviceType?: proto.DeviceProps.PlatformType | null | undefined
    ref?: string | null | undefined
  }
  interface CompanionEphemeralIdentity extends ICompanionEphemeralIdentity {}
  class CompanionEphemeralIdentity extends Kind<ICompanionEphemeralIdentity> {}
  interface IConfig {
    field?: { [key: string]: proto.IField } | null | undefined
    version?: number | null | undefined
  }
  interface Config extends IConfig {}
  class Config extends Kind<IConfig> {
    field: { [key: string]: proto.IField }
  }
  interface IConsumerApplication {
    payload?: proto.ConsumerApplication.IPayload | null | undefined
    metadata?: proto.ConsumerApplication.IMetadata | null | undefined
  }
  interface ConsumerApplication extends IConsumerApplication {}
  class ConsumerApplication extends Kind<IConsumerApplication> {}
  namespace ConsumerApplication {
    interface IApplicationData {
      revoke?: proto.ConsumerApplication.IRevokeMessage | null | undefined
    }
    interface ApplicationData extends IApplicationData {}
    class ApplicationData extends Kind<IApplicationData> {
      applicationContent?: 'revoke' | undefined
    }
    interface IAudioMessage {
      audio?: proto.ISubProtocol | null | undefined
      ptt?: boolean | null | undefined
    }
    interface AudioMessage extends IAudioMessage {}
    class AudioMessage extends Kind<IAudioMessage> {}
    interface IContactMessage {
      contact?: proto.ISubProtocol | null | undefined
    }
    interface ContactMessage extends IContactMessage {}
    class ContactMessage extends Kind<IContactMessage> {}
    interface IContactsArrayMessage {
      displayName?: string | null | undefined
      contacts?: proto.ConsumerApplication.IContactMessage[] | null | undefined
    }
    interface ContactsArrayMessage extends IContactsArrayMessage {}
    class ContactsArrayMessage extends Kind<IContactsArrayMessage> {
      contacts: proto.ConsumerApplication.IContactMessage[]
    }
    interface IContent {
      messageText?: proto.IMessageText | null | undefined
      imageMessage?: proto.ConsumerApplication.IImageMessage | null | undefined
      contactMessage?: proto.ConsumerApplication.IContactMessage | null | undefined
      locationMessage?: proto.ConsumerApplication.ILocationMessage | null | undefined
      extendedTextMessage?: proto.ConsumerApplication.IExtendedTextMessage | null | undefined
      statusTextMessage?: proto.ConsumerApplication.IStatusTextMesage | null | undefined
      documentMessage?: proto.ConsumerApplication.IDocumentMessage | null | undefined
      audioMessage?: proto.ConsumerApplication.IAudioMessage | null | undefined
      videoMessage?: proto.ConsumerApplication.IVideoMessage | null | undefined
      contactsArrayMessage?: proto.ConsumerApplication.IContactsArrayMessage | null | undefined
      liveLocationMessage?: proto.ConsumerApplication.ILiveLocationMessage | null | undefined
      stickerMessage?: proto.ConsumerApplication.IStickerMessage | null | undefined
      groupInviteMessage?: proto.ConsumerApplication.IGroupInviteMessage | null | undefined
      viewOnceMessage?: proto.ConsumerApplication.IViewOnceMessage | null | undefined
      reactionMessage?: proto.ConsumerApplication.IReactionMessage | null | undefined
      pollCreationMessage?: proto.ConsumerApplication.IPollCreationMessage | null | undefined
      pollUpdateMessage?: proto.ConsumerApplication.IPollUpdateMessage | null | undefined
      editMessage?: proto.ConsumerApplication.IEditMessage | null | undefined
    }
    interface Content extends IContent {}
    class Content extends Kind<IContent> {
      content?: 'messageText' | 'imageMessage' | 'contactMessage' | 'locationMessage' | 'extendedTextMessage' | 'statusTextMessage' | 'documentMessage' | 'audioMessage' | 'videoMessage' | 'contactsArrayMessage' | 'liveLocationMessage' | 'stickerMessage' | 'groupInviteMessage' | 'viewOnceMessage' | 'reactionMessage' | 'pollCreationMessage' | 'pollUpdateMessage' | 'editMessage' | undefined
    }
    interface IDocumentMessage {
      document?: proto.ISubProtocol | null | undefined
      fileName?: string | null | undefined
    }
    interface DocumentMessage extends IDocumentMessage {}
    class DocumentMessage extends Kind<IDocumentMessage> {}
    interface IEditMessage {
      key?: proto.IMessageKey | null | undefined
      message?: proto.IMessageText | null | undefined
      timestampMs?: number | Long | null | undefined
    }
    interface EditMessage extends IEditMessage {}
    class EditMessage extends Kind<IEditMessage> {}
    interface IExtendedTextMessage {
      text?: proto.IMessageText | null | undefined
      matchedText?: string | null | undefined
      canonicalUrl?: string | null | undefined
      description?: string | null | undefined
      title?: string | null | undefined
      thumbnail?: proto.ISubProtocol | null | undefined
      previewType?: proto.ConsumerApplication.CONSUMER_APPLICATION_EXTENDED_TEXT_MESSAGE_PREVIEW_TYPE | null | undefined
    }
    interface ExtendedTextMessage extends IExtendedTextMessage {}
    class ExtendedTextMessage extends Kind<IExtendedTextMessage> {}
    interface IGroupInviteMessage {
      groupJid?: string | null | undefined
      inviteCode?: string | null | undefined
      inviteExpiration?: number | Long | null | undefined
      groupName?: string | null | undefined
      jpegThumbnail?: Uint8Array | null | undefined
      caption?: proto.IMessageText | null | undefined
    }
    interface GroupInviteMessage extends IGroupInviteMessage {}
    class GroupInviteMessage extends Kind<IGroupInviteMessage> {}
    interface IImageMessage {
      image?: proto.ISubProtocol | null | undefined
      caption?: proto.IMessageText | null | undefined
    }
    interface ImageMessage extends IImageMessage {}
    class ImageMessage extends Kind<IImageMessage> {}
    interface IInteractiveAnnotation {
      polygonVertices?: proto.ConsumerApplication.IPoint[] | null | undefined
      location?: proto.ConsumerApplication.ILocation | null | undefined
    }
    interface InteractiveAnnotation extends IInteractiveAnnotation {}
    class InteractiveAnnotation extends Kind<IInteractiveAnnotation> {
      polygonVertices: proto.ConsumerApplication.IPoint[]
      action?: 'location' | undefined
    }
    interface ILiveLocationMessage {
      location?: proto.ConsumerApplication.ILocation | null | undefined
      accuracyInMeters?: number | null | undefined
      speedInMps?: number | null | undefined
      degreesClockwiseFromMagneticNorth?: number | null | undefined
      caption?: proto.IMessageText | null | undefined
      sequenceNumber?: number | Long | null | undefined
      timeOffset?: number | null | undefined
    }
    interface LiveLocationMessage extends ILiveLocationMessage {}
    class LiveLocationMessage extends Kind<ILiveLocationMessage> {}
    interface ILocation {
      degreesLatitude?: number | null | undefined
      degreesLongitude?: number | null | undefined
      name?: string | null | undefined
    }
    interface Location extends ILocation {}
    class Location extends Kind<ILocation> {}
    interface ILocationMessage {
      location?: proto.ConsumerApplication.ILocation | null | undefined
      address?: string | null | undefined
    }
    interface LocationMessage extends ILocationMessage {}
    class LocationMessage extends Kind<ILocationMessage> {}
    interface IMediaPayload {
      protocol?: proto.ISubProtocol | null | undefined
    }
    interface MediaPayload extends IMediaPayload {}
    class MediaPayload extends Kind<IMediaPayload> {}
    interface IMetadata {
      specialTextSize?: proto.CONSUMER_APPLICATION_METADATA_SPECIAL_TEXT_SIZE | null | undefined
    }
    interface Metadata extends IMetadata {}
    class Metadata extends Kind<IMetadata> {}
    interface IOption {
      optionName?: string | null | undefined
    }
    interface Option extends IOption {}
    class Option extends Kind<IOption> {}
    interface IPayload {
      content?: proto.ConsumerApplication.IContent | null | undefined
      applicationData?: proto.ConsumerApplication.IApplicationData | null | undefined
      signal?: proto.ConsumerApplication.ISignal | null | undefined
      subProtocol?: proto.ConsumerApplication.ISubProtocolPayload | null | undefined
    }
    interface Payload extends IPayload {}
    class Payload extends Kind<IPayload> {
      payload?: 'content' | 'applicationData' | 'signal' | 'subProtocol' | undefined
    }
    interface IPoint {
      x?: number | null | undefined
      y?: number | null | undefined
    }
    interface Point extends IPoint {}
    class Point extends Kind<IPoint> {}
    interface IPollAddOptionMessage {
      pollOption?: proto.ConsumerApplication.IOption[] | null | undefined
    }
    interface PollAddOptionMessage extends IPollAddOptionMessage {}
    class PollAddOptionMessage extends Kind<IPollAddOptionMessage> {
      pollOption: proto.ConsumerApplication.IOption[]
    }
    interface IPollCreationMessage {
      encKey?: Uint8Array | null | undefined
      name?: string | null | undefined
      options?: proto.ConsumerApplication.IOption[] | null | undefined
      selectableOptionsCount?: number | null | undefined
    }
    interface PollCreationMessage extends IPollCreationMessage {}
    class PollCreationMessage extends Kind<IPollCreationMessage> {
      options: proto.ConsumerApplication.IOption[]
    }
    interface IPollEncValue {
      encPayload?: Uint8Array | null | undefined
      encIv?: Uint8Array | null | undefined
    }
    interface PollEncValue extends IPollEncValue {}
    class PollEncValue extends Kind<IPollEncValue> {}
    interface IPollUpdateMessage {
      pollCreationMessageKey?: proto.IMessageKey | null | undefined
      vote?: proto.ConsumerApplication.IPollEncValue | null | undefined
      addOption?: proto.ConsumerApplication.IPollEncValue | null | undefined
    }
    interface PollUpdateMessage extends IPollUpdateMessage {}
    class PollUpdateMessage extends Kind<IPollUpdateMessage> {}
    interface IPollVoteMessage {
      selectedOptions?: Uint8Array[] | null | undefined
      senderTimestampMs?: number | Long | null | undefined
    }
    interface PollVoteMessage extends IPollVoteMessage {}
    class PollVoteMessage extends Kind<IPollVoteMessage> {
      selectedOptions: Uint8Array[]
    }
    interface IReactionMessage {
      key?: proto.IMessageKey | null | undefined
      text?: string | null | undefined
      groupingKey?: string | null | undefined
      senderTimestampMs?: number | Long | null | undefined
      reactionMetadataDataclassData?: string | null | undefined
      style?: number | null | undefined
    }
    interface ReactionMessage extends IReactionMessage {}
    class ReactionMessage extends Kind<IReactionMessage> {}
    interface IRevokeMessage {
      key?: proto.IMessageKey | null | undefined
    }
    interface RevokeMessage extends IRevokeMessage {}
    class RevokeMessage extends Kind<IRevokeMessage> {}
    interface ISignal {
    }
    interface Signal extends ISignal {}
    class Signal extends Kind<ISignal> {}
    interface IStatusTextMesage {
      text?: proto.ConsumerApplication.IExtendedTextMessage | null | undefined
      textArgb?: number | null | undefined
      backgroundArgb?: number | null | undefined
      font?: proto.CONSUMER_APPLICATION_STATUS_TEXT_MESAGE_FONT_TYPE | null | undefined
    }
    interface StatusTextMesage extends IStatusTextMesage {}
    class StatusTextMesage extends Kind<IStatusTextMesage> {}
    interface IStickerMessage {
      sticker?: proto.ISubProtocol | null | undefined
    }
    interface StickerMessage extends IStickerMessage {}
    class StickerMessage extends Kind<IStickerMessage> {}
    interface ISubProtocolPayload {
      futureProof?: proto.FUTURE_PROOF_BEHAVIOR | null | undefined
    }
    interface SubProtocolPayload extends ISubProtocolPayload {}
    class SubProtocolPayload extends Kind<ISubProtocolPayload> {}
    interface IVideoMessage {
      video?: proto.ISubProtocol | null | undefined
      caption?: proto.IMessageText | null | undefined
    }
    interface VideoMessage extends IVideoMessage {}
    class VideoMessage extends Kind<IVideoMessage> {}
    interface IViewOnceMessage {
      imageMessage?: proto.ConsumerApplication.IImageMessage | null | undefined
      videoMessage?: proto.ConsumerApplication.IVideoMessage | null | undefined
    }
    interface ViewOnceMessage extends IViewOnceMessage {}
    class ViewOnceMessage extends Kind<IViewOnceMessage> {
      viewOnceContent?: 'imageMessage' | 'videoMessage' | undefined
    }
    enum CONSUMER_APPLICATION_EXTENDED_TEXT_MESSAGE_PREVIEW_TYPE {
      NONE = 0,
      VIDEO = 1,
    }
  }
  interface IContextInfo {
    stanzaId?: string | null | undefined
    participant?: string | null | undefined
    quotedMessage?: proto.IMessage | null | undefined
    remoteJid?: string | null | undefined
    mentionedJid?: string[] | null | undefined
    conversionSource?: string | null | undefined
    conversionData?: Uint8Array | null | undefined
    conversionDelaySeconds?: number | null | undefined
    forwardingScore?: number | null | undefined
    isForwarded?: boolean | null | undefined
    quotedAd?: proto.ContextInfo.IAdReplyInfo | null | undefined
    placeholderKey?: proto.IMessageKey | null | undefined
    expiration?: number | null | undefined
    ephemeralSettingTimestamp?: number | Long | null | undefined
    ephemeralSharedSecret?: Uint8Array | null | undefined
    externalAdReply?: proto.ContextInfo.IExternalAdReplyInfo | null | undefined
    entryPointConversionSource?: string | null | undefined
    entryPointConversionApp?: string | null | undefined
    entryPointConversionDelaySeconds?: number | null | undefined
    disappearingMode?: proto.IDisappearingMode | null | undefined
    actionLink?: proto.IActionLink | null | undefined
    groupSubject?: string | null | undefined
    parentGroupJid?: string | null | undefined
    trustBannerType?: string | null | undefined
    trustBannerAction?: number | null | undefined
    isSampled?: boolean | null | undefined
    groupMentions?: proto.IGroupMention[] | null | undefined
    utm?: proto.ContextInfo.IUTMInfo | null | undefined
    forwardedNewsletterMessageInfo?: proto.ContextInfo.IForwardedNewsletterMessageInfo | null | undefined
    businessMessageForwardInfo?: proto.ContextInfo.IBusinessMessageForwardInfo | null | undefined
    smbClientCampaignId?: string | null | undefined
    smbServerCampaignId?: string | null | undefined
    dataSharingContext?: proto.ContextInfo.IDataSharingContext | null | undefined
    alwaysShowAdAttribution?: boolean | null | undefined
    featureEligibilities?: proto.ContextInfo.IFeatureEligibilities | null | undefined
    entryPointConversionExternalSource?: string | null | undefined
    entryPointConversionExternalMedium?: string | null | undefined
    ctwaSignals?: string | null | undefined
    ctwaPayload?: Uint8Array | null | undefined
    forwardedAiBotMessageInfo?: proto.IForwardedAIBotMessageInfo | null | undefined
    statusAttributionType?: proto.ContextInfo.StatusAttributionType | null | undefined
    urlTrackingMap?: proto.IUrlTrackingMap | null | undefined
    pairedMediaType?: proto.ContextInfo.PairedMediaType | null | undefined
    rankingVersion?: number | null | undefined
    memberLabel?: proto.IMemberLabel | null | undefined
    isQuestion?: boolean | null | undefined
    statusSourceType?: proto.ContextInfo.StatusSourceType | null | undefined
    statusAttributions?: proto.IStatusAttribution[] | null | undefined
    isGroupStatus?: boolean | null | undefined
    forwardOrigin?: proto.ContextInfo.ForwardOrigin | null | undefined
    questionReplyQuotedMessage?: proto.ContextInfo.IQuestionReplyQuotedMessage | null | undefined
    statusAudienceMetadata?: proto.ContextInfo.IStatusAudienceMetadata | null | undefined
    nonJidMentions?: number | null | undefined
    quotedType?: proto.ContextInfo.QuotedType | null | undefined
    botMessageSharingInfo?: proto.IBotMessageSharingInfo | null | undefined
    isSpoiler?: boolean | null | undefined
    mediaDomainInfo?: proto.IMediaDomainInfo | null | undefined
    partiallySelectedContent?: proto.ContextInfo.IPartiallySelectedContent | null | undefined
    afterReadDuration?: number | null | undefined
    crossAppSource?: proto.ContextInfo.CrossAppSource | null | undefined
    businessInteractionPills?: proto.ContextInfo.IBusinessInteractionPills | null | undefined
    posterStatusId?: string | null | undefined
  }
  interface ContextInfo extends IContextInfo {}
  class ContextInfo extends Kind<IContextInfo> {
    mentionedJid: string[]
    groupMentions: proto.IGroupMention[]
    statusAttributions: proto.IStatusAttribution[]
  }
  namespace ContextInfo {
    interface IAdReplyInfo {
      advertiserName?: string | null | undefined
      mediaType?: proto.ContextInfo.AdReplyInfo.MediaType | null | undefined
      jpegThumbnail?: Uint8Array | null | undefined
      caption?: string | null | undefined
    }
    interface AdReplyInfo extends IAdReplyInfo {}
    class AdReplyInfo extends Kind<IAdReplyInfo> {}
    namespace AdReplyInfo {
      enum MediaType {
        NONE = 0,
        IMAGE = 1,
        VIDEO = 2,
      }
    }
    interface IBusinessInteractionPills {
      businessJid?: string | null | undefined
      pills?: proto.ContextInfo.BusinessInteractionPills.IPill[] | null | undefined
      entryPoint?: proto.ContextInfo.BusinessInteractionPills.EntryPoint | null | undefined
      signedPayload?: Uint8Array | null | undefined
      signatureEnvelope?: proto.IBotSignatureVerificationMetadata | null | undefined
    }
    interface BusinessInteractionPills extends IBusinessInteractionPills {}
    class BusinessInteractionPills extends Kind<IBusinessInteractionPills> {
      pills: proto.ContextInfo.BusinessInteractionPills.IPill[]
    }
    namespace BusinessInteractionPills {
      enum EntryPoint {
        ENTRY_POINT_UNKNOWN = 0,
        P2P_LINK_SHARE = 1,
        CONTACT_CARD_SHARING = 2,
        PHONE_NUMBER = 3,
        STATUS = 4,
        IN_THREAD_CONTEXT_CARD = 5,
      }
      interface IPill {
        pillType?: proto.ContextInfo.BusinessInteractionPills.PillType | null | undefined
        actionUrl?: string | null | undefined
      }
      interface Pill extends IPill {}
      class Pill extends Kind<IPill> {}
      enum PillType {
        UNKNOWN = 0,
        VIEW_BUSINESS = 1,
        CHAT = 2,
        CALL = 3,
        CATALOG = 4,
        CHANNEL = 5,
        BOOK_APPOINTMENT = 6,
        OFFERS = 7,
        BESTSELLERS = 8,
        MENU = 9,
        ABOUT = 10,
        SHOP = 11,
        ORDER = 12,
      }
      interface ISignedPayload {
        verifiedName?: string | null | undefined
        pills?: proto.ContextInfo.BusinessInteractionPills.IPill[] | null | undefined
      }
      interface SignedPayload extends ISignedPayload {}
      class SignedPayload extends Kind<ISignedPayload> {
        pills: proto.ContextInfo.BusinessInteractionPills.IPill[]
      }
    }
    interface IBusinessMessageForwardInfo {
      businessOwnerJid?: string | null | undefined
    }
    interface BusinessMessageForwardInfo extends IBusinessMessageForwardInfo {}
    class BusinessMessageForwardInfo extends Kind<IBusinessMessageForwardInfo> {}
    enum CrossAppSource {
      CROSS_APP_SOURCE_UNKNOWN = 0,
      CROSS_APP_SOURCE_INSTAGRAM = 1,
      CROSS_APP_SOURCE_FACEBOOK = 2,
    }
    interface IDataSharingContext {
      showMmDisclosure?: boolean | null | undefined
      encryptedSignalTokenConsented?: string | null | undefined
      parameters?: proto.ContextInfo.DataSharingContext.IParameters[] | null | undefined
      dataSharingFlags?: number | null | undefined
    }
    interface DataSharingContext extends IDataSharingContext {}
    class DataSharingContext extends Kind<IDataSharingContext> {
      parameters: proto.ContextInfo.DataSharingContext.IParameters[]
    }
    namespace DataSharingContext {
      enum DataSharingFlags {
        SHOW_MM_DISCLOSURE_ON_CLICK = 1,
        SHOW_MM_DISCLOSURE_ON_READ = 2,
      }
      interface IParameters {
        key?: string | null | undefined
        stringData?: string | null | undefined
        intData?: number | Long | null | undefined
        floatData?: number | null | undefined
        contents?: proto.ContextInfo.DataSharingContext.IParameters | null | undefined
      }
      interface Parameters extends IParameters {}
      class Parameters extends Kind<IParameters> {}
    }
    interface IExternalAdReplyInfo {
      title?: string | null | undefined
      body?: string | null | undefined
      mediaType?: proto.ContextInfo.ExternalAdReplyInfo.MediaType | null | undefined
      thumbnailUrl?: string | null | undefined
      mediaUrl?: string | null | undefined
      thumbnail?: Uint8Array | null | undefined
      sourceType?: string | null | undefined
      sourceId?: string | null | undefined
      sourceUrl?: string | null | undefined
      containsAutoReply?: boolean | null | undefined
      renderLargerThumbnail?: boolean | null | undefined
      showAdAttribution?: boolean | null | undefined
      ctwaClid?: string | null | undefined
      ref?: string | null | undefined
      clickToWhatsappCall?: boolean | null | undefined
      adContextPreviewDismissed?: boolean | null | undefined
      sourceApp?: string | null | undefined
      automatedGreetingMessageShown?: boolean | null | undefined
      greetingMessageBody?: string | null | undefined
      ctaPayload?: string | null | undefined
      disableNudge?: boolean | null | undefined
      originalImageUrl?: string | null | undefined
      automatedGreetingMessageCtaType?: string | null | undefined
      wtwaAdFormat?: boolean | null | undefined
      adType?: proto.ContextInfo.ExternalAdReplyInfo.AdType | null | undefined
      wtwaWebsiteUrl?: string | null | undefined
      adPreviewUrl?: string | null | undefined
      containsCtwaFlowsAutoReply?: boolean | null | undefined
      agmThumbnailStrategy?: number | null | undefined
      agmTitleStrategy?: number | null | undefined
      agmSubtitleStrategy?: number | null | undefined
      agmHeaderInteractionStrategy?: number | null | undefined
    }
    interface ExternalAdReplyInfo extends IExternalAdReplyInfo {}
    class ExternalAdReplyInfo extends Kind<IExternalAdReplyInfo> {}
    namespace ExternalAdReplyInfo {
      enum AdType {
        CTWA = 0,
        CAWC = 1,
      }
      enum MediaType {
        NONE = 0,
        IMAGE = 1,
        VIDEO = 2,
      }
    }
    interface IFeatureEligibilities {
      cannotBeReactedTo?: boolean | null | undefined
      cannotBeRanked?: boolean | null | undefined
      canRequestFeedback?: boolean | null | undefined
      canBeReshared?: boolean | null | undefined
      canReceiveMultiReact?: boolean | null | undefined
    }
    interface FeatureEligibilities extends IFeatureEligibilities {}
    class FeatureEligibilities extends Kind<IFeatureEligibilities> {}
    enum ForwardOrigin {
      UNKNOWN = 0,
      CHAT = 1,
      STATUS = 2,
      CHANNELS = 3,
      META_AI = 4,
      UGC = 5,
    }
    interface IForwardedNewsletterMessageInfo {
      newsletterJid?: string | null | undefined
      serverMessageId?: number | null | undefined
      newsletterName?: string | null | undefined
      contentType?: proto.ContextInfo.ForwardedNewsletterMessageInfo.ContentType | null | undefined
      accessibilityText?: string | null | undefined
      profileName?: string | null | undefined
    }
    interface ForwardedNewsletterMessageInfo extends IForwardedNewsletterMessageInfo {}
    class ForwardedNewsletterMessageInfo extends Kind<IForwardedNewsletterMessageInfo> {}
    namespace ForwardedNewsletterMessageInfo {
      enum ContentType {
        UPDATE = 1,
        UPDATE_CARD = 2,
        LINK_CARD = 3,
      }
    }
    enum PairedMediaType {
      NOT_PAIRED_MEDIA = 0,
      SD_VIDEO_PARENT = 1,
      HD_VIDEO_CHILD = 2,
      SD_IMAGE_PARENT = 3,
      HD_IMAGE_CHILD = 4,
      MOTION_PHOTO_PARENT = 5,
      MOTION_PHOTO_CHILD = 6,
      HEVC_VIDEO_PARENT = 7,
      HEVC_VIDEO_CHILD = 8,
    }
    interface IPartiallySelectedContent {
      text?: string | null | undefined
    }
    interface PartiallySelectedContent extends IPartiallySelectedContent {}
    class PartiallySelectedContent extends Kind<IPartiallySelectedContent> {}
    interface IQuestionReplyQuotedMessage {
      serverQuestionId?: number | null | undefined
      quotedQuestion?: proto.IMessage | null | undefined
      quotedResponse?: proto.IMessage | null | undefined
    }
    interface QuestionReplyQuotedMessage extends IQuestionReplyQuotedMessage {}
    class QuestionReplyQuotedMessage extends Kind<IQuestionReplyQuotedMessage> {}
    enum QuotedType {
      EXPLICIT = 0,
      AUTO = 1,
    }
    enum StatusAttributionType {
      NONE = 0,
      RESHARED_FROM_MENTION = 1,
      RESHARED_FROM_POST = 2,
      RESHARED_FROM_POST_MANY_TIMES = 3,
      FORWARDED_FROM_STATUS = 4,
    }
    interface IStatusAudienceMetadata {
      audienceType?: proto.ContextInfo.StatusAudienceMetadata.AudienceType | null | undefined
      listName?: string | null | undefined
      listEmoji?: string | null | undefined
    }
    interface StatusAudienceMetadata extends IStatusAudienceMetadata {}
    class StatusAudienceMetadata extends Kind<IStatusAudienceMetadata> {}
    namespace StatusAudienceMetadata {
      enum AudienceType {
        UNKNOWN = 0,
        CLOSE_FRIENDS = 1,
      }
    }
    enum StatusSourceType {
      IMAGE = 0,
      VIDEO = 1,
      GIF = 2,
      AUDIO = 3,
      TEXT = 4,
      MUSIC_STANDALONE = 5,
    }
    interface IUTMInfo {
      utmSource?: string | null | undefined
      utmCampaign?: string | null | undefined
    }
    interface UTMInfo extends IUTMInfo {}
    class UTMInfo extends Kind<IUTMInfo> {}
  }
  interface IConversation {
    id?: string | null | undefined
    messages?: proto.IHistorySyncMsg[] | null | undefined
    newJid?: string | null | undefined
    oldJid?: string | null | undefined
    lastMsgTimestamp?: number | Long | null | undefined
    unreadCount?: number | null | undefined
    readOnly?: boolean | null | undefined
    endOfHistoryTransfer?: boolean | null | undefined
    ephemeralExpiration?: number | null | undefined
    ephemeralSettingTimestamp?: number | Long | null | undefined
    endOfHistoryTransferType?: proto.Conversation.EndOfHistoryTransferType | null | undefined
    conversationTimestamp?: number | Long | null | undefined
    name?: string | null | undefined
    pHash?: string | null | undefined
    notSpam?: boolean | null | undefined
    archived?: boolean | null | undefined
    disappearingMode?: proto.IDisappearingMode | null | undefined
    unreadMentionCount?: number | null | undefined
    markedAsUnread?: boolean | null | undefined
    participant?: proto.IGroupParticipant[] | null | undefined
    tcToken?: Uint8Array | null | undefined
    tcTokenTimestamp?: number | Long | null | undefined
    contactPrimaryIdentityKey?: Uint8Array | null | undefined
    pinned?: number | null | undefined
    muteEndTime?: number | Long | null | undefined
    wallpaper?: proto.IWallpaperSettings | null | undefined
    mediaVisibility?: proto.MediaVisibility | null | undefined
    tcTokenSenderTimestamp?: number | Long | null | undefined
    suspended?: boolean | null | undefined
    terminated?: boolean | null | undefined
    createdAt?: number | Long | null | undefined
    createdBy?: string | null | undefined
    description?: string | null | undefined
    support?: boolean | null | undefined
    isParentGroup?: boolean | null | undefined
    parentGroupId?: string | null | undefined
    isDefaultSubgroup?: boolean | null | undefined
    displayName?: string | null | undefined
    pnJid?: string | null | undefined
    shareOwnPn?: boolean | null | undefined
    pnhDuplicateLidThread?: boolean | null | undefined
    lidJid?: string | null | undefined
    username?: string | null | undefined
    lidOriginType?: string | null | undefined
    commentsCount?: number | null | undefined
    locked?: boolean | null | undefined
    systemMessageToInsert?: proto.PrivacySystemMessage | null | undefined
    capiCreatedGroup?: boolean | null | undefined
    accountLid?: string | null | undefined
    limitSharing?: boolean | null | undefined
    limitSharingSettingTimestamp?: number | Long | null | undefined
    limitSharingTrigger?: proto.LimitSharing.TriggerType | null | undefined
    limitSharingInitiatedByMe?: boolean | null | undefined
    maibaAiThreadEnabled?: boolean | null | undefined
    isMarketingMessageThread?: boolean | null | undefined
    isSenderNewAccount?: boolean | null | undefined
    afterReadDuration?: number | null | undefined
    isSenderSuspicious?: boolean | null | undefined
    appealStatus?: proto.Conversation.GroupAppealStatus | null | undefined
    appealUpdateTime?: number | Long | null | undefined
    authAgentParentCompanyName?: string | null | undefined
    authAgentObaPhoneNumber?: string | null | undefined
  }
  interface Conversation extends IConversation {}
  class Conversation extends Kind<IConversation> {
    id: string
    messages: proto.IHistorySyncMsg[]
    participant: proto.IGroupParticipant[]
  }
  namespace Conversation {
    enum EndOfHistoryTransferType {
      COMPLETE_BUT_MORE_MESSAGES_REMAIN_ON_PRIMARY = 0,
      COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY = 1,
      COMPLETE_ON_DEMAND_SYNC_BUT_MORE_MSG_REMAIN_ON_PRIMARY = 2,
      COMPLETE_ON_DEMAND_SYNC_WITH_MORE_MSG_ON_PRIMARY_BUT_NO_ACCESS = 3,
    }
    enum GroupAppealStatus {
      NO_APPEAL = 0,
      APPEAL_IN_REVIEW = 1,
      APPEAL_APPROVED = 2,
      APPEAL_REJECTED = 3,
    }
  }
  interface ICreateBackupInput {
    recoveryCode?: string | null | undefined
    userId?: number | Long | null | undefined
  }
  interface CreateBackupInput extends ICreateBackupInput {}
  class CreateBackupInput extends Kind<ICreateBackupInput> {
    recoveryCode: string
    userId: number | Long
  }
  interface ICreateBackupOutput {
    device?: proto.IDeviceOutput | null | undefined
    virtualDevice?: proto.IVirtualDeviceOutput | null | undefined
    epoch0?: proto.IEpoch0Output | null | undefined
    mailboxRootKey?: Uint8Array | null | undefined
    error?: string | null | undefined
  }
  interface CreateBackupOutput extends ICreateBackupOutput {}
  class CreateBackupOutput extends Kind<ICreateBackupOutput> {}
  interface IDecryptMessageInput {
    epochRootKey?: Uint8Array | null | undefined
    epochAnonId?: Uint8Array | null | undefined
    threadId?: string | null | undefined
    encryptionVersion?: number | null | undefined
    ciphertext?: Uint8Array | null | undefined
  }
  interface DecryptMessageInput extends IDecryptMessageInput {}
  class DecryptMessageInput extends Kind<IDecryptMessageInput> {
    epochRootKey: Uint8Array
    epochAnonId: Uint8Array
    threadId: string
    encryptionVersion: number
    ciphertext: Uint8Array
  }
  interface IDecryptMessageOutput {
    plaintextPayload?: Uint8Array | null | undefined
    error?: string | null | undefined
  }
  interface DecryptMessageOutput extends IDecryptMessageOutput {}
  class DecryptMessageOutput extends Kind<IDecryptMessageOutput> {}
  interface IDeviceCapabilities {
    chatLockSupportLevel?: proto.DeviceCapabilities.ChatLockSupportLevel | null | undefined
    lidMigration?: proto.DeviceCapabilities.ILIDMigration | null | undefined
    businessBroadcast?: proto.DeviceCapabilities.IBusinessBroadcast | null | undefined
    userHasAvatar?: proto.DeviceCapabilities.IUserHasAvatar | null | undefined
    memberNameTagPrimarySupport?: proto.DeviceCapabilities.MemberNameTagPrimarySupport | null | undefined
    aiThread?: proto.DeviceCapabilities.IAiThread | null | undefined
  }
  interface DeviceCapabilities extends IDeviceCapabilities {}
  class DeviceCapabilities extends Kind<IDeviceCapabilities> {}
  namespace DeviceCapabilities {
    interface IAiThread {
      supportLevel?: proto.DeviceCapabilities.AiThread.SupportLevel | null | undefined
    }
    interface AiThread extends IAiThread {}
    class AiThread extends Kind<IAiThread> {}
    namespace AiThread {
      enum SupportLevel {
        NONE = 0,
        INFRA = 1,
        FULL = 2,
      }
    }
    interface IBusinessBroadcast {
      importListEnabled?: boolean | null | undefined
      companionSupportEnabled?: boolean | null | undefined
      campaignSyncEnabled?: boolean | null | undefined
      insightsSyncEnabled?: boolean | null | undefined
      recipientLimit?: number | null | undefined
    }
    interface BusinessBroadcast extends IBusinessBroadcast {}
    class BusinessBroadcast extends Kind<IBusinessBroadcast> {}
    enum ChatLockSupportLevel {
      NONE = 0,
      MINIMAL = 1,
      FULL = 2,
    }
    interface ILIDMigration {
      chatDbMigrationTimestamp?: number | Long | null | undefined
    }
    interface LIDMigration extends ILIDMigration {}
    class LIDMigration extends Kind<ILIDMigration> {}
    enum MemberNameTagPrimarySupport {
      DISABLED = 0,
      RECEIVER_ENABLED = 1,
      SENDER_ENABLED = 2,
    }
    interface IUserHasAvatar {
      userHasAvatar?: boolean | null | undefined
    }
    interface UserHasAvatar extends IUserHasAvatar {}
    class UserHasAvatar extends Kind<IUserHasAvatar> {}
  }
  interface IDeviceConsistencyCodeMessage {
    generation?: number | null | undefined
    signature?: Uint8Array | null | undefined
  }
  interface DeviceConsistencyCodeMessage extends IDeviceConsistencyCodeMessage {}
  class DeviceConsistencyCodeMessage extends Kind<IDeviceConsistencyCodeMessage> {}
  interface IDeviceListMetadata {
    senderKeyHash?: Uint8Array | null | undefined
    senderTimestamp?: number | Long | null | undefined
    senderKeyIndexes?: number[] | null | undefined
    senderAccountType?: proto.ADVEncryptionType | null | undefined
    receiverAccountType?: proto.ADVEncryptionType | null | undefined
    recipientKeyHash?: Uint8Array | null | undefined
    recipientTimestamp?: number | Long | null | undefined
    recipientKeyIndexes?: number[] | null | undefined
  }
  interface DeviceListMetadata extends IDeviceListMetadata {}
  class DeviceListMetadata extends Kind<IDeviceListMetadata> {
    senderKeyIndexes: number[]
    recipientKeyIndexes: number[]
  }
  interface IDeviceOutput {
    publicKey?: Uint8Array | null | undefined
    epochAuthPublicKey?: Uint8Array | null | undefined
    epochAuthPublicKeySig?: Uint8Array | null | undefined
    epochStoragePublicKey?: Uint8Array | null | undefined
    epochStoragePublicKeySig?: Uint8Array | null | undefined
    supportedEncryptionVersions?: number[] | null | undefined
    encryptionVersionSignature?: Uint8Array | null | undefined
    clientVersion?: number | null | undefined
    ocmfClientState?: Uint8Array | null | undefined
  }
  interface DeviceOutput extends IDeviceOutput {}
  class DeviceOutput extends Kind<IDeviceOutput> {
    publicKey: Uint8Array
    epochAuthPublicKey: Uint8Array
    epochAuthPublicKeySig: Uint8Array
    epochStoragePublicKey: Uint8Array
    epochStoragePublicKeySig: Uint8Array
    supportedEncryptionVersions: number[]
    encryptionVersionSignature: Uint8Array
    clientVersion: number
    ocmfClientState: Uint8Array
  }
  interface IDeviceProps {
    os?: string | null | undefined
    version?: proto.DeviceProps.IAppVersion | null | undefined
    platformType?: proto.DeviceProps.PlatformType | null | undefined
    requireFullSync?: boolean | null | undefined
    historySyncConfig?: proto.DeviceProps.IHistorySyncConfig | null | undefined
  }
  interface DeviceProps extends IDeviceProps {}
  class DeviceProps extends Kind<IDeviceProps> {}
  namespace DeviceProps {
    interface IAppVersion {
      primary?: number | null | undefined
      secondary?: number | null | undefined
      tertiary?: number | null | undefined
      quaternary?: number | null | undefined
      quinary?: number | null | undefined
    }
    interface AppVersion extends IAppVersion {}
    class AppVersion extends Kind<IAppVersion> {}
    interface IHistorySyncConfig {
      fullSyncDaysLimit?: number | null | undefined
      fullSyncSizeMbLimit?: number | null | undefined
      storageQuotaMb?: number | null | undefined
      inlineInitialPayloadInE2EeMsg?: boolean | null | undefined
      recentSyncDaysLimit?: number | null | undefined
      supportCallLogHistory?: boolean | null | undefined
      supportBotUserAgentChatHistory?: boolean | null | undefined
      supportCagReactionsAndPolls?: boolean | null | undefined
      supportBizHostedMsg?: boolean | null | undefined
      supportRecentSyncChunkMessageCountTuning?: boolean | null | undefined
      supportHostedGroupMsg?: boolean | null | undefined
      supportFbidBotChatHistory?: boolean | null | undefined
      supportAddOnHistorySyncMigration?: boolean | null | undefined
      supportMessageAssociation?: boolean | null | undefined
      supportGroupHistory?: boolean | null | undefined
      onDemandReady?: boolean | null | undefined
      supportGuestChat?: boolean | null | undefined
      completeOnDemandReady?: boolean | null | undefined
      thumbnailSyncDaysLimit?: number | null | undefined
      initialSyncMaxMessagesPerChat?: number | null | undefined
      supportManusHistory?: boolean | null | undefined
      supportHatchHistory?: boolean | null | undefined
      supportedBotChannelFbids?: string[] | null | undefined
      supportInlineContacts?: boolean | null | undefined
    }
    interface HistorySyncConfig extends IHistorySyncConfig {}
    class HistorySyncConfig extends Kind<IHistorySyncConfig> {
      supportedBotChannelFbids: string[]
    }
    enum PlatformType {
      UNKNOWN = 0,
      CHROME = 1,
      FIREFOX = 2,
      IE = 3,
      OPERA = 4,
      SAFARI = 5,
      EDGE = 6,
      DESKTOP = 7,
      IPAD = 8,
      ANDROID_TABLET = 9,
      OHANA = 10,
      ALOHA = 11,
      CATALINA = 12,
      TCL_TV = 13,
      IOS_PHONE = 14,
      IOS_CATALYST = 15,
      ANDROID_PHONE = 16,
      ANDROID_AMBIGUOUS = 17,
      WEAR_OS = 18,
      AR_WRIST = 19,
      AR_DEVICE = 20,
      UWP = 21,
      VR = 22,
      CLOUD_API = 23,
      SMARTGLASSES = 24,
    }
  }
  interface IDisappearingMode {
    initiator?: proto.DisappearingMode.Initiator | null | undefined
    trigger?: proto.DisappearingMode.Trigger | null | undefined
    initiatorDeviceJid?: string | null | undefined
    initiatedByMe?: boolean | null | undefined
  }
  interface DisappearingMode extends IDisappearingMode {}
  class DisappearingMode extends Kind<IDisappearingMode> {}
  namespace DisappearingMode {
    enum Initiator {
      CHANGED_IN_CHAT = 0,
      INITIATED_BY_ME = 1,
      INITIATED_BY_OTHER = 2,
      BIZ_UPGRADE_FB_HOSTING = 3,
    }
    enum Trigger {
      UNKNOWN = 0,
      CHAT_SETTING = 1,
      ACCOUNT_SETTING = 2,
      BULK_CHANGE = 3,
      BIZ_SUPPORTS_FB_HOSTING = 4,
      UNKNOWN_GROUPS = 5,
    }
  }
  interface IEmbeddedContent {
    embeddedMessage?: proto.IEmbeddedMessage | null | undefined
    embeddedMusic?: proto.IEmbeddedMusic | null | undefined
  }
  interface EmbeddedContent extends IEmbeddedContent {}
  class EmbeddedContent extends Kind<IEmbeddedContent> {
    content?: 'embeddedMessage' | 'embeddedMusic' | undefined
  }
  interface IEmbeddedMessage {
    stanzaId?: string | null | undefined
    message?: proto.IMessage | null | undefined
  }
  interface EmbeddedMessage extends IEmbeddedMessage {}
  class EmbeddedMessage extends Kind<IEmbeddedMessage> {}
  interface IEmbeddedMusic {
    musicContentMediaId?: string | null | undefined
    songId?: string | null | undefined
    author?: string | null | undefined
    title?: string | null | undefined
    artworkDirectPath?: string | null | undefined
    artworkSha256?: Uint8Array | null | undefined
    artworkEncSha256?: Uint8Array | null | undefined
    artistAttribution?: string | null | undefined
    countryBlocklist?: Uint8Array | null | undefined
    isExplicit?: boolean | null | undefined
    artworkMediaKey?: Uint8Array | null | undefined
    musicSongStartTimeInMs?: number | Long | null | undefined
    derivedContentStartTimeInMs?: number | Long | null | undefined
    overlapDurationInMs?: number | Long | null | undefined
  }
  interface EmbeddedMusic extends IEmbeddedMusic {}
  class EmbeddedMusic extends Kind<IEmbeddedMusic> {}
  interface IEncryptMessageInput {
    epochRootKey?: Uint8Array | null | undefined
    mailboxRootKey?: Uint8Array | null | undefined
    orfClientState?: Uint8Array | null | undefined
    epochAnonId?: Uint8Array | null | undefined
    epochId?: number | Long | null | undefined
    threadId?: string | null | undefined
    waCanonicalUserFbid?: number | Long | null | undefined
    timestampMs?: number | Long | null | undefined
    backupId?: number | Long | null | undefined
    plaintextPayload?: Uint8Array | null | undefined
    stanzaId?: string | null | undefined
  }
  interface EncryptMessageInput extends IEncryptMessageInput {}
  class EncryptMessageInput extends Kind<IEncryptMessageInput> {
    epochRootKey: Uint8Array
    mailboxRootKey: Uint8Array
    orfClientState: Uint8Array
    epochAnonId: Uint8Array
    epochId: number | Long
    threadId: string
    waCanonicalUserFbid: number | Long
    timestampMs: number | Long
    backupId: number | Long
    plaintextPayload: Uint8Array
    stanzaId: string
  }
  interface IEncryptMessageOutput {
    encryptedProtobuf?: Uint8Array | null | undefined
    orfThreadId?: Uint8Array | null | undefined
    valueSecretRef?: string | null | undefined
    offlineThreadingId?: number | Long | null | undefined
    timestampMs?: number | Long | null | undefined
    messageKey?: Uint8Array | null | undefined
    error?: string | null | undefined
  }
  interface EncryptMessageOutput extends IEncryptMessageOutput {}
  class EncryptMessageOutput extends Kind<IEncryptMessageOutput> {}
  interface IEncryptedPairingRequest {
    encryptedPayload?: Uint8Array | null | undefined
    iv?: Uint8Array | null | undefined
  }
  interface EncryptedPairingRequest extends IEncryptedPairingRequest {}
  class EncryptedPairingRequest extends Kind<IEncryptedPairingRequest> {}
  interface IEncryptedSecretValuesOutput {
    encryptedDevicePrivateKey?: Uint8Array | null | undefined
    encryptedObliviousValidationTokenBlob?: Uint8Array | null | undefined
    encryptedEpochStoragePrivateKey?: Uint8Array | null | undefined
    encryptedOcmfClientState?: Uint8Array | null | undefined
    encryptedOrfClientStateV2?: Uint8Array | null | undefined
    encryptedMailboxRootKeyBlob?: Uint8Array | null | undefined
    encryptedEpochAnonId?: Uint8Array | null | undefined
    encryptedEpochRootKey?: Uint8Array | null | undefined
  }
  interface EncryptedSecretValuesOutput extends IEncryptedSecretValuesOutput {}
  class EncryptedSecretValuesOutput extends Kind<IEncryptedSecretValuesOutput> {
    encryptedDevicePrivateKey: Uint8Array
    encryptedObliviousValidationTokenBlob: Uint8Array
    encryptedEpochStoragePrivateKey: Uint8Array
    encryptedOcmfClientState: Uint8Array
    encryptedMailboxRootKeyBlob: Uint8Array
    encryptedEpochAnonId: Uint8Array
    encryptedEpochRootKey: Uint8Array
  }
  interface IEphemeralSetting {
    duration?: number | null | undefined
    timestamp?: number | Long | null | undefined
  }
  interface EphemeralSetting extends IEphemeralSetting {}
  class EphemeralSetting extends Kind<IEphemeralSetting> {}
  interface IEpoch0Output {
    epochFbid?: number | Long | null | undefined
    epochAnonId?: Uint8Array | null | undefined
    epochData?: Uint8Array | null | undefined
    wrappedRootKeyForSelf?: Uint8Array | null | undefined
    epochSignature?: Uint8Array | null | undefined
    epochRootKeyFingerprint?: Uint8Array | null | undefined
    epochRootKey?: Uint8Array | null | undefined
  }
  interface Epoch0Output extends IEpoch0Output {}
  class Epoch0Output extends Kind<IEpoch0Output> {
    epochFbid: number | Long
    epochAnonId: Uint8Array
    epochData: Uint8Array
    wrappedRootKeyForSelf: Uint8Array
    epochSignature: Uint8Array
    epochRootKeyFingerprint: Uint8Array
  }
  interface IEventAdditionalMetadata {
    isStale?: boolean | null | undefined
  }
  interface EventAdditionalMetadata extends IEventAdditionalMetadata {}
  class EventAdditionalMetadata extends Kind<IEventAdditionalMetadata> {}
  interface IEventResponse {
    eventResponseMessageKey?: proto.IMessageKey | null | undefined
    timestampMs?: number | Long | null | undefined
    eventResponseMessage?: proto.Message.IEventResponseMessage | null | undefined
    unread?: boolean | null | undefined
  }
  interface EventResponse extends IEventResponse {}
  class EventResponse extends Kind<IEventResponse> {}
  interface IExitCode {
    code?: number | Long | null | undefined
    text?: string | null | undefined
  }
  interface ExitCode extends IExitCode {}
  class ExitCode extends Kind<IExitCode> {}
  interface IExternalBlobReference {
    mediaKey?: Uint8Array | null | undefined
    directPath?: string | null | undefined
    handle?: string | null | undefined
    fileSizeBytes?: number | Long | null | undefined
    fileSha256?: Uint8Array | null | undefined
    fileEncSha256?: Uint8Array | null | undefined
  }
  interface ExternalBlobReference extends IExternalBlobReference {}
  class ExternalBlobReference extends Kind<IExternalBlobReference> {}
  enum FUTURE_PROOF_BEHAVIOR {
    PLACEHOLDER = 0,
    NO_PLACEHOLDER = 1,
    IGNORE = 2,
  }
  interface IField {
    minVersion?: number | null | undefined
    maxVersion?: number | null | undefined
    notReportableMinVersion?: number | null | undefined
    isMessage?: boolean | null | undefined
    subfield?: { [key: string]: proto.IField } | null | undefined
  }
  interface Field extends IField {}
  class Field extends Kind<IField> {
    subfield: { [key: string]: proto.IField }
  }
  interface IFingerprintData {
    publicKey?: Uint8Array | null | undefined
    pnIdentifier?: Uint8Array | null | undefined
    lidIdentifier?: Uint8Array | null | undefined
    usernameIdentifier?: Uint8Array | null | undefined
    hostedState?: proto.FingerprintData.HostedState | null | undefined
    hashedPublicKey?: Uint8Array | null | undefined
  }
  interface FingerprintData extends IFingerprintData {}
  class FingerprintData extends Kind<IFingerprintData> {}
  namespace FingerprintData {
    enum HostedState {
      E2EE = 0,
      HOSTED = 1,
    }
  }
  interface IForwardedAIBotMessageInfo {
    botName?: string | null | undefined
    botJid?: string | null | undefined
    creatorName?: string | null | undefined
  }
  interface ForwardedAIBotMessageInfo extends IForwardedAIBotMessageInfo {}
  class ForwardedAIBotMessageInfo extends Kind<IForwardedAIBotMessageInfo> {}
  interface IGlobalSettings {
    lightThemeWallpaper?: proto.IWallpaperSettings | null | undefined
    mediaVisibility?: proto.MediaVisibility | null | undefined
    darkThemeWallpaper?: proto.IWallpaperSettings | null | undefined
    autoDownloadWiFi?: proto.IAutoDownloadSettings | null | undefined
    autoDownloadCellular?: proto.IAutoDownloadSettings | null | undefined
    autoDownloadRoaming?: proto.IAutoDownloadSettings | null | undefined
    showIndividualNotificationsPreview?: boolean | null | undefined
    showGroupNotificationsPreview?: boolean | null | undefined
    disappearingModeDuration?: number | null | undefined
    disappearingModeTimestamp?: number | Long | null | undefined
    avatarUserSettings?: proto.IAvatarUserSettings | null | undefined
    fontSize?: number | null | undefined
    securityNotifications?: boolean | null | undefined
    autoUnarchiveChats?: boolean | null | undefined
    videoQualityMode?: number | null | undefined
    photoQualityMode?: number | null | undefined
    individualNotificationSettings?: proto.INotificationSettings | null | undefined
    groupNotificationSettings?: proto.INotificationSettings | null | undefined
    chatLockSettings?: proto.IChatLockSettings | null | undefined
    chatDbLidMigrationTimestamp?: number | Long | null | undefined
  }
  interface GlobalSettings extends IGlobalSettings {}
  class GlobalSettings extends Kind<IGlobalSettings> {}
  interface IGroupHistory {
    messages?: proto.IWebMessageInfo[] | null | undefined
    uncountedAssociatedMessageLists?: proto.IUnCountedAssociatedMessageList[] | null | undefined
    commentMessages?: proto.IWebMessageInfo[] | null | undefined
    outOfWindowPinnedMessages?: proto.IWebMessageInfo[] | null | undefined
  }
  interface GroupHistory extends IGroupHistory {}
  class GroupHistory extends Kind<IGroupHistory> {
    messages: proto.IWebMessageInfo[]
    uncountedAssociatedMessageLists: proto.IUnCountedAssociatedMessageList[]
    commentMessages: proto.IWebMessageInfo[]
    outOfWindowPinnedMessages: proto.IWebMessageInfo[]
  }
  interface IGroupHistoryBundleInfo {
    deprecatedMessageHistoryBundle?: proto.Message.IMessageHistoryBundle | null | undefined
    processState?: proto.GroupHistoryBundleInfo.ProcessState | null | undefined
  }
  interface GroupHistoryBundleInfo extends IGroupHistoryBundleInfo {}
  class GroupHistoryBundleInfo extends Kind<IGroupHistoryBundleInfo> {}
  namespace GroupHistoryBundleInfo {
    enum ProcessState {
      NOT_INJECTED = 0,
      INJECTED = 1,
      INJECTED_PARTIAL = 2,
      INJECTION_FAILED = 3,
      INJECTION_FAILED_NO_RETRY = 4,
      DEDUPED = 5,
    }
  }
  interface IGroupHistoryIndividualMessageInfo {
    bundleMessageKey?: proto.IMessageKey | null | undefined
    editedAfterReceivedAsHistory?: boolean | null | undefined
  }
  interface GroupHistoryIndividualMessageInfo extends IGroupHistoryIndividualMessageInfo {}
  class GroupHistoryIndividualMessageInfo extends Kind<IGroupHistoryIndividualMessageInfo> {}
  interface IGroupHistoryWithMessageBytes {
    messages?: proto.IWebMessageInfoWithMessageBytes[] | null | undefined
    uncountedAssociatedMessageLists?: proto.IUnCountedAssociatedMessageListWithMessageBytes[] | null | undefined
    commentMessages?: proto.IWebMessageInfoWithMessageBytes[] | null | undefined
    outOfWindowPinnedMessages?: proto.IWebMessageInfoWithMessageBytes[] | null | undefined
  }
  interface GroupHistoryWithMessageBytes extends IGroupHistoryWithMessageBytes {}
  class GroupHistoryWithMessageBytes extends Kind<IGroupHistoryWithMessageBytes> {
    messages: proto.IWebMessageInfoWithMessageBytes[]
    uncountedAssociatedMessageLists: proto.IUnCountedAssociatedMessageListWithMessageBytes[]
    commentMessages: proto.IWebMessageInfoWithMessageBytes[]
    outOfWindowPinnedMessages: proto.IWebMessageInfoWithMessageBytes[]
  }
  interface IGroupMention {
    groupJid?: string | null | undefined
    groupSubject?: string | null | undefined
  }
  interface GroupMention extends IGroupMention {}
  class GroupMention extends Kind<IGroupMention> {}
  interface IGroupParticipant {
    userJid?: string | null | undefined
    rank?: proto.GroupParticipant.Rank | null | undefined
    memberLabel?: proto.IMemberLabel | null | undefined
  }
  interface GroupParticipant extends IGroupParticipant {}
  class GroupParticipant extends Kind<IGroupParticipant> {
    userJid: string
  }
  namespace GroupParticipant {
    enum Rank {
      REGULAR = 0,
      ADMIN = 1,
      SUPERADMIN = 2,
    }
  }
  interface IGroupRootKeyShare {
    keys?: proto.IGroupRootKeyShareEntry[] | null | undefined
  }
  interface GroupRootKeyShare extends IGroupRootKeyShare {}
  class GroupRootKeyShare extends Kind<IGroupRootKeyShare> {
    keys: proto.IGroupRootKeyShareEntry[]
  }
  interface IGroupRootKeyShareEntry {
    groupRootKey?: Uint8Array | null | undefined
    keyId?: string | null | undefined
    expiryTimestampMs?: number | Long | null | undefined
    createdTimestampMs?: number | Long | null | undefined
  }
  interface GroupRootKeyShareEntry extends IGroupRootKeyShareEntry {}
  class GroupRootKeyShareEntry extends Kind<IGroupRootKeyShareEntry> {}
  interface IHandshakeMessage {
    clientHello?: proto.HandshakeMessage.IClientHello | null | undefined
    serverHello?: proto.HandshakeMessage.IServerHello | null | undefined
    clientFinish?: proto.HandshakeMessage.IClientFinish | null | undefined
  }
  interface HandshakeMessage extends IHandshakeMessage {}
  class HandshakeMessage extends Kind<IHandshakeMessage> {}
  namespace HandshakeMessage {
    interface IClientFinish {
      static?: Uint8Array | null | undefined
      payload?: Uint8Array | null | undefined
      extendedCiphertext?: Uint8Array | null | undefined
      paddedBytes?: Uint8Array | null | undefined
      simulateXxkemFs?: boolean | null | undefined
    }
    interface ClientFinish extends IClientFinish {}
    class ClientFinish extends Kind<IClientFinish> {}
    interface IClientHello {
      ephemeral?: Uint8Array | null | undefined
      static?: Uint8Array | null | undefined
      payload?: Uint8Array | null | undefined
      useExtended?: boolean | null | undefined
      extendedCiphertext?: Uint8Array | null | undefined
      paddedBytes?: Uint8Array | null | undefined
      sendServerHelloPaddedBytes?: boolean | null | undefined
      simulateXxkemFs?: boolean | null | undefined
      pqMode?: proto.HandshakeMessage.HandshakePqMode | null | undefined
      extendedEphemeral?: Uint8Array | null | undefined
    }
    interface ClientHello extends IClientHello {}
    class ClientHello extends Kind<IClientHello> {}
    enum HandshakePqMode {
      HANDSHAKE_PQ_MODE_UNKNOWN = 0,
      XXKEM = 1,
      XXKEM_FS = 2,
      WA_CLASSICAL = 3,
      WA_PQ = 4,
      IKKEM = 5,
      IKKEM_FS = 6,
      XXKEM_2 = 7,
      IKKEM_2 = 8,
    }
    interface IServerHello {
      ephemeral?: Uint8Array | null | undefined
      static?: Uint8Array | null | undefined
      payload?: Uint8Array | null | undefined
      extendedStatic?: Uint8Array | null | undefined
      paddingBytes?: Uint8Array | null | undefined
      extendedCiphertext?: Uint8Array | null | undefined
    }
    interface ServerHello extends IServerHello {}
    class ServerHello extends Kind<IServerHello> {}
  }
  interface IHatchMetadataSync {
    data?: Uint8Array | null | undefined
    timestampMs?: number | Long | null | undefined
    requestId?: string | null | undefined
  }
  interface HatchMetadataSync extends IHatchMetadataSync {}
  class HatchMetadataSync extends Kind<IHatchMetadataSync> {}
  interface IHistorySync {
    syncType?: proto.HistorySync.HistorySyncType | null | undefined
    conversations?: proto.IConversation[] | null | undefined
    statusV3Messages?: proto.IWebMessageInfo[] | null | undefined
    chunkOrder?: number | null | undefined
    progress?: number | null | undefined
    pushnames?: proto.IPushname[] | null | undefined
    globalSettings?: proto.IGlobalSettings | null | undefined
    threadIdUserSecret?: Uint8Array | null | undefined
    threadDsTimeframeOffset?: number | null | undefined
    recentStickers?: proto.IStickerMetadata[] | null | undefined
    pastParticipants?: proto.IPastParticipants[] | null | undefined
    callLogRecords?: proto.ICallLogRecord[] | null | undefined
    aiWaitListState?: proto.HistorySync.BotAIWaitListState | null | undefined
    phoneNumberToLidMappings?: proto.IPhoneNumberToLIDMapping[] | null | undefined
    companionMetaNonce?: string | null | undefined
    shareableChatIdentifierEncryptionKey?: Uint8Array | null | undefined
    accounts?: proto.IAccount[] | null | undefined
    nctSalt?: Uint8Array | null | undefined
    inlineContacts?: proto.IInlineContact[] | null | undefined
    inlineContactsProvided?: boolean | null | undefined
  }
  interface HistorySync extends IHistorySync {}
  class HistorySync extends Kind<IHistorySync> {
    syncType: proto.HistorySync.HistorySyncType
    conversations: proto.IConversation[]
    statusV3Messages: proto.IWebMessageInfo[]
    pushnames: proto.IPushname[]
    recentStickers: proto.IStickerMetadata[]
    pastParticipants: proto.IPastParticipants[]
    callLogRecords: proto.ICallLogRecord[]
    phoneNumberToLidMappings: proto.IPhoneNumberToLIDMapping[]
    accounts: proto.IAccount[]
    inlineContacts: proto.IInlineContact[]
  }
  namespace HistorySync {
    enum BotAIWaitListState {
      IN_WAITLIST = 0,
      AI_AVAILABLE = 1,
    }
    enum HistorySyncType {
      INITIAL_BOOTSTRAP = 0,
      INITIAL_STATUS_V3 = 1,
      FULL = 2,
      RECENT = 3,
      PUSH_NAME = 4,
      NON_BLOCKING_DATA = 5,
      ON_DEMAND = 6,
    }
  }
  interface IHistorySyncMsg {
    message?: proto.IWebMessageInfo | null | undefined
    msgOrderId?: number | Long | null | undefined
  }
  interface HistorySyncMsg extends IHistorySyncMsg {}
  class HistorySyncMsg extends Kind<IHistorySyncMsg> {}
  interface IHydratedTemplateButton {
    index?: number | null | undefined
    quickReplyButton?: proto.HydratedTemplateButton.IHydratedQuickReplyButton | null | undefined
    urlButton?: proto.HydratedTemplateButton.IHydratedURLButton | null | undefined
    callButton?: proto.HydratedTemplateButton.IHydratedCallButton | null | undefined
  }
  interface HydratedTemplateButton extends IHydratedTemplateButton {}
  class HydratedTemplateButton extends Kind<IHydratedTemplateButton> {
    hydratedButton?: 'quickReplyButton' | 'urlButton' | 'callButton' | undefined
  }
  namespace HydratedTemplateButton {
    interface IHydratedCallButton {
      displayText?: string | null | undefined
      phoneNumber?: string | null | undefined
    }
    interface HydratedCallButton extends IHydratedCallButton {}
    class HydratedCallButton extends Kind<IHydratedCallButton> {}
    interface IHydratedQuickReplyButton {
      displayText?: string | null | undefined
      id?: string | null | undefined
    }
    interface HydratedQuickReplyButton extends IHydratedQuickReplyButton {}
    class HydratedQuickReplyButton extends Kind<IHydratedQuickReplyButton> {}
    interface IHydratedURLButton {
      displayText?: string | null | undefined
      url?: string | null | undefined
      consentedUsersUrl?: string | null | undefined
      webviewPresentation?: proto.HydratedTemplateButton.HydratedURLButton.WebviewPresentationType | null | undefined
    }
    interface HydratedURLButton extends IHydratedURLButton {}
    class HydratedURLButton extends Kind<IHydratedURLButton> {}
    namespace HydratedURLButton {
      enum WebviewPresentationType {
        FULL = 1,
        TALL = 2,
        COMPACT = 3,
      }
    }
  }
  interface IIdentityKeyPairStructure {
    publicKey?: Uint8Array | null | undefined
    privateKey?: Uint8Array | null | undefined
  }
  interface IdentityKeyPairStructure extends IIdentityKeyPairStructure {}
  class IdentityKeyPairStructure extends Kind<IIdentityKeyPairStructure> {}
  interface IInThreadSurveyMetadata {
    tessaSessionId?: string | null | undefined
    simonSessionId?: string | null | undefined
    simonSurveyId?: string | null | undefined
    tessaRootId?: string | null | undefined
    requestId?: string | null | undefined
    tessaEvent?: string | null | undefined
    invitationHeaderText?: string | null | undefined
    invitationBodyText?: string | null | undefined
    invitationCtaText?: string | null | undefined
    invitationCtaUrl?: string | null | undefined
    surveyTitle?: string | null | undefined
    questions?: proto.InThreadSurveyMetadata.IInThreadSurveyQuestion[] | null | undefined
    surveyContinueButtonText?: string | null | undefined
    surveySubmitButtonText?: string | null | undefined
    privacyStatementFull?: string | null | undefined
    privacyStatementParts?: proto.InThreadSurveyMetadata.IInThreadSurveyPrivacyStatementPart[] | null | undefined
    feedbackToastText?: string | null | undefined
    startQuestionIndex?: number | null | undefined
  }
  interface InThreadSurveyMetadata extends IInThreadSurveyMetadata {}
  class InThreadSurveyMetadata extends Kind<IInThreadSurveyMetadata> {
    questions: proto.InThreadSurveyMetadata.IInThreadSurveyQuestion[]
    privacyStatementParts: proto.InThreadSurveyMetadata.IInThreadSurveyPrivacyStatementPart[]
  }
  namespace InThreadSurveyMetadata {
    interface IInThreadSurveyOption {
      stringValue?: string | null | undefined
      numericValue?: number | null | undefined
      textTranslated?: string | null | undefined
    }
    interface InThreadSurveyOption extends IInThreadSurveyOption {}
    class InThreadSurveyOption extends Kind<IInThreadSurveyOption> {}
    interface IInThreadSurveyPrivacyStatementPart {
      text?: string | null | undefined
      url?: string | null | undefined
    }
    interface InThreadSurveyPrivacyStatementPart extends IInThreadSurveyPrivacyStatementPart {}
    class InThreadSurveyPrivacyStatementPart extends Kind<IInThreadSurveyPrivacyStatementPart> {}
    interface IInThreadSurveyQuestion {
      questionText?: string | null | undefined
      questionId?: string | null | undefined
      questionOptions?: proto.InThreadSurveyMetadata.IInThreadSurveyOption[] | null | undefined
    }
    interface InThreadSurveyQuestion extends IInThreadSurveyQuestion {}
    class InThreadSurveyQuestion extends Kind<IInThreadSurveyQuestion> {
      questionOptions: proto.InThreadSurveyMetadata.IInThreadSurveyOption[]
    }
  }
  interface IInlineContact {
    pnJid?: string | null | undefined
    lidJid?: string | null | undefined
    fullName?: string | null | undefined
    firstName?: string | null | undefined
    username?: string | null | undefined
  }
  interface InlineContact extends IInlineContact {}
  class InlineContact extends Kind<IInlineContact> {}
  interface IInteractiveAnnotation {
    polygonVertices?: proto.IPoint[] | null | undefined
    shouldSkipConfirmation?: boolean | null | undefined
    embeddedContent?: proto.IEmbeddedContent | null | undefined
    statusLinkType?: proto.InteractiveAnnotation.StatusLinkType | null | undefined
    location?: proto.ILocation | null | undefined
    newsletter?: proto.ContextInfo.IForwardedNewsletterMessageInfo | null | undefined
    embeddedAction?: boolean | null | undefined
    tapAction?: proto.ITapLinkAction | null | undefined
  }
  interface InteractiveAnnotation extends IInteractiveAnnotation {}
  class InteractiveAnnotation extends Kind<IInteractiveAnnotation> {
    polygonVertices: proto.IPoint[]
    action?: 'location' | 'newsletter' | 'embeddedAction' | 'tapAction' | undefined
  }
  namespace InteractiveAnnotation {
    enum StatusLinkType {
      RASTERIZED_LINK_PREVIEW = 1,
      RASTERIZED_LINK_TRUNCATED = 2,
      RASTERIZED_LINK_FULL_URL = 3,
    }
  }
  interface IInteractiveMessageAdditionalMetadata {
    isGalaxyFlowCompleted?: boolean | null | undefined
  }
  interface InteractiveMessageAdditionalMetadata extends IInteractiveMessageAdditionalMetadata {}
  class InteractiveMessageAdditionalMetadata extends Kind<IInteractiveMessageAdditionalMetadata> {}
  interface IKeepInChat {
    keepType?: proto.KeepType | null | undefined
    serverTimestamp?: number | Long | null | undefined
    key?: proto.IMessageKey | null | undefined
    deviceJid?: string | null | undefined
    clientTimestampMs?: number | Long | null | undefined
    serverTimestampMs?: number | Long | null | undefined
  }
  interface KeepInChat extends IKeepInChat {}
  class KeepInChat extends Kind<IKeepInChat> {}
  enum KeepType {
    UNKNOWN = 0,
    KEEP_FOR_ALL = 1,
    UNDO_KEEP_FOR_ALL = 2,
  }
  interface IKeyExchangeMessage {
    id?: number | null | undefined
    baseKey?: Uint8Array | null | undefined
    ratchetKey?: Uint8Array | null | undefined
    identityKey?: Uint8Array | null | undefined
    baseKeySignature?: Uint8Array | null | undefined
  }
  interface KeyExchangeMessage extends IKeyExchangeMessage {}
  class KeyExchangeMessage extends Kind<IKeyExchangeMessage> {}
  interface IKeyId {
    id?: Uint8Array | null | undefined
  }
  interface KeyId extends IKeyId {}
  class KeyId extends Kind<IKeyId> {}
  interface ILIDMigrationMappingSyncMessage {
    encodedMappingPayload?: Uint8Array | null | undefined
  }
  interface LIDMigrationMappingSyncMessage extends ILIDMigrationMappingSyncMessage {}
  class LIDMigrationMappingSyncMessage extends Kind<ILIDMigrationMappingSyncMessage> {}
  interface ILIDMigrationMapping {
    pn?: number | Long | null | undefined
    assignedLid?: number | Long | null | undefined
    latestLid?: number | Long | null | undefined
  }
  interface LIDMigrationMapping extends ILIDMigrationMapping {}
  class LIDMigrationMapping extends Kind<ILIDMigrationMapping> {
    pn: number | Long
    assignedLid: number | Long
  }
  interface ILIDMigrationMappingSyncPayload {
    pnToLidMappings?: proto.ILIDMigrationMapping[] | null | undefined
    chatDbMigrationTimestamp?: number | Long | null | undefined
  }
  interface LIDMigrationMappingSyncPayload extends ILIDMigrationMappingSyncPayload {}
  class LIDMigrationMappingSyncPayload extends Kind<ILIDMigrationMappingSyncPayload> {
    pnToLidMappings: proto.ILIDMigrationMapping[]
  }
  interface ILabyrinthWaCommand {
    createBackupInput?: proto.ICreateBackupInput | null | undefined
    encryptMessageInput?: proto.IEncryptMessageInput | null | undefined
    decryptMessageInput?: proto.IDecryptMessageInput | null | undefined
    orfThreadIdInput?: proto.IOrfThreadIdInput | null | undefined
  }
  interface LabyrinthWaCommand extends ILabyrinthWaCommand {}
  class LabyrinthWaCommand extends Kind<ILabyrinthWaCommand> {
    commandInput?: 'createBackupInput' | 'encryptMessageInput' | 'decryptMessageInput' | 'orfThreadIdInput' | undefined
  }
  interface ILegacyMessage {
    eventResponseMessage?: proto.Message.IEventResponseMessage | null | undefined
    pollVote?: proto.Message.IPollVoteMessage | null | undefined
  }
  interface LegacyMessage extends ILegacyMessage {}
  class LegacyMessage extends Kind<ILegacyMessage> {}
  interface ILimitSharing {
    sharingLimited?: boolean | null | undefined
    trigger?: proto.LimitSharing.TriggerType | null | undefined
    limitSharingSettingTimestamp?: number | Long | null | undefined
    initiatedByMe?: boolean | null | undefined
  }
  interface LimitSharing extends ILimitSharing {}
  class LimitSharing extends Kind<ILimitSharing> {}
  namespace LimitSharing {
    enum TriggerType {
      UNKNOWN = 0,
      CHAT_SETTING = 1,
      BIZ_SUPPORTS_FB_HOSTING = 2,
      UNKNOWN_GROUP = 3,
    }
  }
  interface ILocalizedName {
    lg?: string | null | undefined
    lc?: string | null | undefined
    verifiedName?: string | null | undefined
  }
  interface LocalizedName extends ILocalizedName {}
  class LocalizedName extends Kind<ILocalizedName> {}
  interface ILocation {
    degreesLatitude?: number | null | undefined
    degreesLongitude?: number | null | undefined
    name?: string | null | undefined
  }
  interface Location extends ILocation {}
  class Location extends Kind<ILocation> {}
  enum MENTION_MENTION_TYPE {
    PROFILE = 0,
  }
  interface IMediaData {
    localPath?: string | null | undefined
  }
  interface MediaData extends IMediaData {}
  class MediaData extends Kind<IMediaData> {}
  interface IMediaDomainInfo {
    mediaKeyDomain?: proto.MediaKeyDomain | null | undefined
    e2EeMediaKey?: Uint8Array | null | undefined
  }
  interface MediaDomainInfo extends IMediaDomainInfo {}
  class MediaDomainInfo extends Kind<IMediaDomainInfo> {}
  interface IMediaEntry {
    fileSha256?: Uint8Array | null | undefined
    mediaKey?: Uint8Array | null | undefined
    fileEncSha256?: Uint8Array | null | undefined
    directPath?: string | null | undefined
    mediaKeyTimestamp?: number | Long | null | undefined
    serverMediaType?: string | null | undefined
    uploadToken?: Uint8Array | null | undefined
    validatedTimestamp?: Uint8Array | null | undefined
    sidecar?: Uint8Array | null | undefined
    objectId?: string | null | undefined
    fbid?: string | null | undefined
    downloadableThumbnail?: proto.MediaEntry.IDownloadableThumbnail | null | undefined
    handle?: string | null | undefined
    filename?: string | null | undefined
    progressiveJpegDetails?: proto.MediaEntry.IProgressiveJpegDetails | null | undefined
    size?: number | Long | null | undefined
    lastDownloadAttemptTimestamp?: number | Long | null | undefined
  }
  interface MediaEntry extends IMediaEntry {}
  class MediaEntry extends Kind<IMediaEntry> {}
  namespace MediaEntry {
    interface IDownloadableThumbnail {
      fileSha256?: Uint8Array | null | undefined
      fileEncSha256?: Uint8Array | null | undefined
      directPath?: string | null | undefined
      mediaKey?: Uint8Array | null | undefined
      mediaKeyTimestamp?: number | Long | null | undefined
      objectId?: string | null | undefined
    }
    interface DownloadableThumbnail extends IDownloadableThumbnail {}
    class DownloadableThumbnail extends Kind<IDownloadableThumbnail> {}
    interface IProgressiveJpegDetails {
      scanLengths?: number[] | null | undefined
      sidecar?: Uint8Array | null | undefined
    }
    interface ProgressiveJpegDetails extends IProgressiveJpegDetails {}
    class ProgressiveJpegDetails extends Kind<IProgressiveJpegDetails> {
      scanLengths: number[]
    }
  }
  enum MediaKeyDomain {
    MEDIA_KEY_DOMAIN_UNKNOWN = 0,
    MEDIA_KEY_DOMAIN_E2EE = 1,
    MEDIA_KEY_DOMAIN_NON_E2EE = 2,
  }
  interface IMediaNotifyMessage {
    expressPathUrl?: string | null | undefined
    fileEncSha256?: Uint8Array | null | undefined
    fileLength?: number | Long | null | undefined
  }
  interface MediaNotifyMessage extends IMediaNotifyMessage {}
  class MediaNotifyMessage extends Kind<IMediaNotifyMessage> {}
  interface IMediaRetryNotification {
    stanzaId?: string | null | undefined
    directPath?: string | null | undefined
    result?: proto.MediaRetryNotification.ResultType | null | undefined
    messageSecret?: Uint8Array | null | undefined
  }
  interface MediaRetryNotification extends IMediaRetryNotification {}
  class MediaRetryNotification extends Kind<IMediaRetryNotification> {}
  namespace MediaRetryNotification {
    enum ResultType {
      GENERAL_ERROR = 0,
      SUCCESS = 1,
      NOT_FOUND = 2,
      DECRYPTION_ERROR = 3,
    }
  }
  enum MediaVisibility {
    DEFAULT = 0,
    OFF = 1,
    ON = 2,
  }
  interface IMemberLabel {
    label?: string | null | undefined
    labelTimestamp?: number | Long | null | undefined
  }
  interface MemberLabel extends IMemberLabel {}
  class MemberLabel extends Kind<IMemberLabel> {}
  interface IMention {
    mentionType?: proto.MENTION_MENTION_TYPE | null | undefined
    mentionedJid?: string | null | undefined
    offset?: number | null | undefined
    length?: number | null | undefined
  }
  interface Mention extends IMention {}
  class Mention extends Kind<IMention> {}
  interface IMessage {
    conversation?: string | null | undefined
    senderKeyDistributionMessage?: proto.Message.ISenderKeyDistributionMessage | null | undefined
    imageMessage?: proto.Message.IImageMessage | null | undefined
    contactMessage?: proto.Message.IContactMessage | null | undefined
    locationMessage?: proto.Message.ILocationMessage | null | undefined
    extendedTextMessage?: proto.Message.IExtendedTextMessage | null | undefined
    documentMessage?: proto.Message.IDocumentMessage | null | undefined
    audioMessage?: proto.Message.IAudioMessage | null | undefined
    videoMessage?: proto.Message.IVideoMessage | null | undefined
    call?: proto.Message.ICall | null | undefined
    chat?: proto.Message.IChat | null | undefined
    protocolMessage?: proto.Message.IProtocolMessage | null | undefined
    contactsArrayMessage?: proto.Message.IContactsArrayMessage | null | undefined
    highlyStructuredMessage?: proto.Message.IHighlyStructuredMessage | null | undefined
    fastRatchetKeySenderKeyDistributionMessage?: proto.Message.ISenderKeyDistributionMessage | null | undefined
    sendPaymentMessage?: proto.Message.ISendPaymentMessage | null | undefined
    liveLocationMessage?: proto.Message.ILiveLocationMessage | null | undefined
    requestPaymentMessage?: proto.Message.IRequestPaymentMessage | null | undefined
    declinePaymentRequestMessage?: proto.Message.IDeclinePaymentRequestMessage | null | undefined
    cancelPaymentRequestMessage?: proto.Message.ICancelPaymentRequestMessage | null | undefined
    templateMessage?: proto.Message.ITemplateMessage | null | undefined
    stickerMessage?: proto.Message.IStickerMessage | null | undefined
    groupInviteMessage?: proto.Message.IGroupInviteMessage | null | undefined
    templateButtonReplyMessage?: proto.Message.ITemplateButtonReplyMessage | null | undefined
    productMessage?: proto.Message.IProductMessage | null | undefined
    deviceSentMessage?: proto.Message.IDeviceSentMessage | null | undefined
    messageContextInfo?: proto.IMessageContextInfo | null | undefined
    listMessage?: proto.Message.IListMessage | null | undefined
    viewOnceMessage?: proto.Message.IFutureProofMessage | null | undefined
    orderMessage?: proto.Message.IOrderMessage | null | undefined
    listResponseMessage?: proto.Message.IListResponseMessage | null | undefined
    ephemeralMessage?: proto.Message.IFutureProofMessage | null | undefined
    invoiceMessage?: proto.Message.IInvoiceMessage | null | undefined
    buttonsMessage?: proto.Message.IButtonsMessage | null | undefined
    buttonsResponseMessage?: proto.Message.IButtonsResponseMessage | null | undefined
    paymentInviteMessage?: proto.Message.IPaymentInviteMessage | null | undefined
    interactiveMessage?: proto.Message.IInteractiveMessage | null | undefined
    reactionMessage?: proto.Message.IReactionMessage | null | undefined
    stickerSyncRmrMessage?: proto.Message.IStickerSyncRMRMessage | null | undefined
    interactiveResponseMessage?: proto.Message.IInteractiveResponseMessage | null | undefined
    pollCreationMessage?: proto.Message.IPollCreationMessage | null | undefined
    pollUpdateMessage?: proto.Message.IPollUpdateMessage | null | undefined
    keepInChatMessage?: proto.Message.IKeepInChatMessage | null | undefined
    documentWithCaptionMessage?: proto.Message.IFutureProofMessage | null | undefined
    requestPhoneNumberMessage?: proto.Message.IRequestPhoneNumberMessage | null | undefined
    viewOnceMessageV2?: proto.Message.IFutureProofMessage | null | undefined
    encReactionMessage?: proto.Message.IEncReactionMessage | null | undefined
    editedMessage?: proto.Message.IFutureProofMessage | null | undefined
    viewOnceMessageV2Extension?: proto.Message.IFutureProofMessage | null | undefined
    pollCreationMessageV2?: proto.Message.IPollCreationMessage | null | undefined
    scheduledCallCreationMessage?: proto.Message.IScheduledCallCreationMessage | null | undefined
    groupMentionedMessage?: proto.Message.IFutureProofMessage | null | undefined
    pinInChatMessage?: proto.Message.IPinInChatMessage | null | undefined
    pollCreationMessageV3?: proto.Message.IPollCreationMessage | null | undefined
    scheduledCallEditMessage?: proto.Message.IScheduledCallEditMessage | null | undefined
    ptvMessage?: proto.Message.IVideoMessage | null | undefined
    botInvokeMessage?: proto.Message.IFutureProofMessage | null | undefined
    callLogMesssage?: proto.Message.ICallLogMessage | null | undefined
    messageHistoryBundle?: proto.Message.IMessageHistoryBundle | null | undefined
    encCommentMessage?: proto.Message.IEncCommentMessage | null | undefined
    bcallMessage?: proto.Message.IBCallMessage | null | undefined
    lottieStickerMessage?: proto.Message.IFutureProofMessage | null | undefined
    eventMessage?: proto.Message.IEventMessage | null | undefined
    encEventResponseMessage?: proto.Message.IEncEventResponseMessage | null | undefined
    commentMessage?: proto.Message.ICommentMessage | null | undefined
    newsletterAdminInviteMessage?: proto.Message.INewsletterAdminInviteMessage | null | undefined
    placeholderMessage?: proto.Message.IPlaceholderMessage | null | undefined
    secretEncryptedMessage?: proto.Message.ISecretEncryptedMessage | null | undefined
    albumMessage?: proto.Message.IAlbumMessage | null | undefined
    eventCoverImage?: proto.Message.IFutureProofMessage | null | undefined
    stickerPackMessage?: proto.Message.IStickerPackMessage | null | undefined
    statusMentionMessage?: proto.Message.IFutureProofMessage | null | undefined
    pollResultSnapshotMessage?: proto.Message.IPollResultSnapshotMessage | null | undefined
    pollCreationOptionImageMessage?: proto.Message.IFutureProofMessage | null | undefined
    associatedChildMessage?: proto.Message.IFutureProofMessage | null | undefined
    groupStatusMentionMessage?: proto.Message.IFutureProofMessage | null | undefined
    pollCreationMessageV4?: proto.Message.IFutureProofMessage | null | undefined
    statusAddYours?: proto.Message.IFutureProofMessage | null | undefined
    groupStatusMessage?: proto.Message.IFutureProofMessage | null | undefined
    richResponseMessage?: proto.IAIRichResponseMessage | null | undefined
    statusNotificationMessage?: proto.Message.IStatusNotificationMessage | null | undefined
    limitSharingMessage?: proto.Message.IFutureProofMessage | null | undefined
    botTaskMessage?: proto.Message.IFutureProofMessage | null | undefined
    questionMessage?: proto.Message.IFutureProofMessage | null | undefined
    messageHistoryNotice?: proto.Message.IMessageHistoryNotice | null | undefined
    groupStatusMessageV2?: proto.Message.IFutureProofMessage | null | undefined
    botForwardedMessage?: proto.Message.IFutureProofMessage | null | undefined
    statusQuestionAnswerMessage?: proto.Message.IStatusQuestionAnswerMessage | null | undefined
    questionReplyMessage?: proto.Message.IFutureProofMessage | null | undefined
    questionResponseMessage?: proto.Message.IQuestionResponseMessage | null | undefined
    statusQuotedMessage?: proto.Message.IStatusQuotedMessage | null | undefined
    statusStickerInteractionMessage?: proto.Message.IStatusStickerInteractionMessage | null | undefined
    pollCreationMessageV5?: proto.Message.IPollCreationMessage | null | undefined
    newsletterFollowerInviteMessageV2?: proto.Message.INewsletterFollowerInviteMessage | null | undefined
    pollResultSnapshotMessageV3?: proto.Message.IPollResultSnapshotMessage | null | undefined
    newsletterAdminProfileMessage?: proto.Message.IFutureProofMessage | null | undefined
    newsletterAdminProfileMessageV2?: proto.Message.IFutureProofMessage | null | undefined
    spoilerMessage?: proto.Message.IFutureProofMessage | null | undefined
    pollCreationMessageV6?: proto.Message.IPollCreationMessage | null | undefined
    conditionalRevealMessage?: proto.Message.IConditionalRevealMessage | null | undefined
    pollAddOptionMessage?: proto.Message.IPollAddOptionMessage | null | undefined
    eventInviteMessage?: proto.Message.IEventInviteMessage | null | undefined
    groupRootKeyShare?: proto.IGroupRootKeyShare | null | undefined
    paymentReminderMessage?: proto.Message.IPaymentReminderMessage | null | undefined
    splitPaymentMessage?: proto.Message.ISplitPaymentMessage | null | undefined
    newsletterAdminProfileStatusMessage?: proto.Message.IFutureProofMessage | null | undefined
    rootSecretDistributeMessage?: proto.Message.IRootSecretDistributeMessage | null | undefined
  }
  interface Message extends IMessage {}
  class Message extends Kind<IMessage> {}
  namespace Message {
    interface IAlbumMessage {
      expectedImageCount?: number | null | undefined
      expectedVideoCount?: number | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
    }
    interface AlbumMessage extends IAlbumMessage {}
    class AlbumMessage extends Kind<IAlbumMessage> {}
    interface IAppStateFatalExceptionNotification {
      collectionNames?: string[] | null | undefined
      timestamp?: number | Long | null | undefined
    }
    interface AppStateFatalExceptionNotification extends IAppStateFatalExceptionNotification {}
    class AppStateFatalExceptionNotification extends Kind<IAppStateFatalExceptionNotification> {
      collectionNames: string[]
    }
    interface IAppStateSyncKey {
      keyId?: proto.Message.IAppStateSyncKeyId | null | undefined
      keyData?: proto.Message.IAppStateSyncKeyData | null | undefined
    }
    interface AppStateSyncKey extends IAppStateSyncKey {}
    class AppStateSyncKey extends Kind<IAppStateSyncKey> {}
    interface IAppStateSyncKeyData {
      keyData?: Uint8Array | null | undefined
      fingerprint?: proto.Message.IAppStateSyncKeyFingerprint | null | undefined
      timestamp?: number | Long | null | undefined
    }
    interface AppStateSyncKeyData extends IAppStateSyncKeyData {}
    class AppStateSyncKeyData extends Kind<IAppStateSyncKeyData> {}
    interface IAppStateSyncKeyFingerprint {
      rawId?: number | null | undefined
      currentIndex?: number | null | undefined
      deviceIndexes?: number[] | null | undefined
    }
    interface AppStateSyncKeyFingerprint extends IAppStateSyncKeyFingerprint {}
    class AppStateSyncKeyFingerprint extends Kind<IAppStateSyncKeyFingerprint> {
      deviceIndexes: number[]
    }
    interface IAppStateSyncKeyId {
      keyId?: Uint8Array | null | undefined
    }
    interface AppStateSyncKeyId extends IAppStateSyncKeyId {}
    class AppStateSyncKeyId extends Kind<IAppStateSyncKeyId> {}
    interface IAppStateSyncKeyRequest {
      keyIds?: proto.Message.IAppStateSyncKeyId[] | null | undefined
    }
    interface AppStateSyncKeyRequest extends IAppStateSyncKeyRequest {}
    class AppStateSyncKeyRequest extends Kind<IAppStateSyncKeyRequest> {
      keyIds: proto.Message.IAppStateSyncKeyId[]
    }
    interface IAppStateSyncKeyShare {
      keys?: proto.Message.IAppStateSyncKey[] | null | undefined
    }
    interface AppStateSyncKeyShare extends IAppStateSyncKeyShare {}
    class AppStateSyncKeyShare extends Kind<IAppStateSyncKeyShare> {
      keys: proto.Message.IAppStateSyncKey[]
    }
    interface IAudioMessage {
      url?: string | null | undefined
      mimetype?: string | null | undefined
      fileSha256?: Uint8Array | null | undefined
      fileLength?: number | Long | null | undefined
      seconds?: number | null | undefined
      ptt?: boolean | null | undefined
      mediaKey?: Uint8Array | null | undefined
      fileEncSha256?: Uint8Array | null | undefined
      directPath?: string | null | undefined
      mediaKeyTimestamp?: number | Long | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      streamingSidecar?: Uint8Array | null | undefined
      waveform?: Uint8Array | null | undefined
      backgroundArgb?: number | null | undefined
      viewOnce?: boolean | null | undefined
      accessibilityLabel?: string | null | undefined
    }
    interface AudioMessage extends IAudioMessage {}
    class AudioMessage extends Kind<IAudioMessage> {}
    interface IBCallMessage {
      sessionId?: string | null | undefined
      mediaType?: proto.Message.BCallMessage.MediaType | null | undefined
      masterKey?: Uint8Array | null | undefined
      caption?: string | null | undefined
    }
    interface BCallMessage extends IBCallMessage {}
    class BCallMessage extends Kind<IBCallMessage> {}
    namespace BCallMessage {
      enum MediaType {
        UNKNOWN = 0,
        AUDIO = 1,
        VIDEO = 2,
      }
    }
    interface IButtonsMessage {
      contentText?: string | null | undefined
      footerText?: string | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      buttons?: proto.Message.ButtonsMessage.IButton[] | null | undefined
      headerType?: proto.Message.ButtonsMessage.HeaderType | null | undefined
      text?: string | null | undefined
      documentMessage?: proto.Message.IDocumentMessage | null | undefined
      imageMessage?: proto.Message.IImageMessage | null | undefined
      videoMessage?: proto.Message.IVideoMessage | null | undefined
      locationMessage?: proto.Message.ILocationMessage | null | undefined
    }
    interface ButtonsMessage extends IButtonsMessage {}
    class ButtonsMessage extends Kind<IButtonsMessage> {
      buttons: proto.Message.ButtonsMessage.IButton[]
      header?: 'text' | 'documentMessage' | 'imageMessage' | 'videoMessage' | 'locationMessage' | undefined
    }
    namespace ButtonsMessage {
      interface IButton {
        buttonId?: string | null | undefined
        buttonText?: proto.Message.ButtonsMessage.Button.IButtonText | null | undefined
        type?: proto.Message.ButtonsMessage.Button.Type | null | undefined
        nativeFlowInfo?: proto.Message.ButtonsMessage.Button.INativeFlowInfo | null | undefined
      }
      interface Button extends IButton {}
      class Button extends Kind<IButton> {}
      namespace Button {
        interface IButtonText {
          displayText?: string | null | undefined
        }
        interface ButtonText extends IButtonText {}
        class ButtonText extends Kind<IButtonText> {}
        interface INativeFlowInfo {
          name?: string | null | undefined
          paramsJson?: string | null | undefined
        }
        interface NativeFlowInfo extends INativeFlowInfo {}
        class NativeFlowInfo extends Kind<INativeFlowInfo> {}
        enum Type {
          UNKNOWN = 0,
          RESPONSE = 1,
          NATIVE_FLOW = 2,
        }
      }
      enum HeaderType {
        UNKNOWN = 0,
        EMPTY = 1,
        TEXT = 2,
        DOCUMENT = 3,
        IMAGE = 4,
        VIDEO = 5,
        LOCATION = 6,
      }
    }
    interface IButtonsResponseMessage {
      selectedButtonId?: string | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      type?: proto.Message.ButtonsResponseMessage.Type | null | undefined
      selectedDisplayText?: string | null | undefined
    }
    interface ButtonsResponseMessage extends IButtonsResponseMessage {}
    class ButtonsResponseMessage extends Kind<IButtonsResponseMessage> {
      response?: 'selectedDisplayText' | undefined
    }
    namespace ButtonsResponseMessage {
      enum Type {
        UNKNOWN = 0,
        DISPLAY_TEXT = 1,
      }
    }
    interface ICall {
      callKey?: Uint8Array | null | undefined
      conversionSource?: string | null | undefined
      conversionData?: Uint8Array | null | undefined
      conversionDelaySeconds?: number | null | undefined
      ctwaSignals?: string | null | undefined
      ctwaPayload?: Uint8Array | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      nativeFlowCallButtonPayload?: string | null | undefined
      deeplinkPayload?: string | null | undefined
      messageContextInfo?: proto.IMessageContextInfo | null | undefined
      callEntryPoint?: number | null | undefined
    }
    interface Call extends ICall {}
    class Call extends Kind<ICall> {}
    interface ICallLogMessage {
      isVideo?: boolean | null | undefined
      callOutcome?: proto.Message.CallLogMessage.CallOutcome | null | undefined
      durationSecs?: number | Long | null | undefined
      callType?: proto.Message.CallLogMessage.CallType | null | undefined
      participants?: proto.Message.CallLogMessage.ICallParticipant[] | null | undefined
    }
    interface CallLogMessage extends ICallLogMessage {}
    class CallLogMessage extends Kind<ICallLogMessage> {
      participants: proto.Message.CallLogMessage.ICallParticipant[]
    }
    namespace CallLogMessage {
      enum CallOutcome {
        CONNECTED = 0,
        MISSED = 1,
        FAILED = 2,
        REJECTED = 3,
        ACCEPTED_ELSEWHERE = 4,
        ONGOING = 5,
        SILENCED_BY_DND = 6,
        SILENCED_UNKNOWN_CALLER = 7,
      }
      interface ICallParticipant {
        jid?: string | null | undefined
        callOutcome?: proto.Message.CallLogMessage.CallOutcome | null | undefined
      }
      interface CallParticipant extends ICallParticipant {}
      class CallParticipant extends Kind<ICallParticipant> {}
      enum CallType {
        REGULAR = 0,
        SCHEDULED_CALL = 1,
        VOICE_CHAT = 2,
      }
    }
    interface ICancelPaymentRequestMessage {
      key?: proto.IMessageKey | null | undefined
    }
    interface CancelPaymentRequestMessage extends ICancelPaymentRequestMessage {}
    class CancelPaymentRequestMessage extends Kind<ICancelPaymentRequestMessage> {}
    interface IChat {
      displayName?: string | null | undefined
      id?: string | null | undefined
    }
    interface Chat extends IChat {}
    class Chat extends Kind<IChat> {}
    interface IChatCustomImageWallpaper {
      directPath?: string | null | undefined
      mediaKey?: Uint8Array | null | undefined
      fileEncSha256?: Uint8Array | null | undefined
      fileSha256?: Uint8Array | null | undefined
      dimLevel?: number | null | undefined
    }
    interface ChatCustomImageWallpaper extends IChatCustomImageWallpaper {}
    class ChatCustomImageWallpaper extends Kind<IChatCustomImageWallpaper> {}
    interface IChatDefaultWallpaper {
      isDoodleEnabled?: boolean | null | undefined
    }
    interface ChatDefaultWallpaper extends IChatDefaultWallpaper {}
    class ChatDefaultWallpaper extends Kind<IChatDefaultWallpaper> {}
    interface IChatSolidColorWallpaper {
      colorLight?: string | null | undefined
      colorDark?: string | null | undefined
      isDoodleEnabled?: boolean | null | undefined
    }
    interface ChatSolidColorWallpaper extends IChatSolidColorWallpaper {}
    class ChatSolidColorWallpaper extends Kind<IChatSolidColorWallpaper> {}
    interface IChatStockImageWallpaper {
      stockImageId?: string | null | undefined
      dimLevel?: number | null | undefined
    }
    interface ChatStockImageWallpaper extends IChatStockImageWallpaper {}
    class ChatStockImageWallpaper extends Kind<IChatStockImageWallpaper> {}
    interface IChatThemeSetting {
      settingTimestampMs?: number | Long | null | undefined
      clearTheme?: boolean | null | undefined
      colorSchemeId?: string | null | undefined
      defaultWallpaper?: proto.Message.IChatDefaultWallpaper | null | undefined
      solidColor?: proto.Message.IChatSolidColorWallpaper | null | undefined
      stockImage?: proto.Message.IChatStockImageWallpaper | null | undefined
      customImage?: proto.Message.IChatCustomImageWallpaper | null | undefined
    }
    interface ChatThemeSetting extends IChatThemeSetting {}
    class ChatThemeSetting extends Kind<IChatThemeSetting> {
      wallpaper?: 'defaultWallpaper' | 'solidColor' | 'stockImage' | 'customImage' | undefined
    }
    interface ICloudAPIThreadControlNotification {
      status?: proto.Message.CloudAPIThreadControlNotification.CloudAPIThreadControl | null | undefined
      senderNotificationTimestampMs?: number | Long | null | undefined
      consumerLid?: string | null | undefined
      consumerPhoneNumber?: string | null | undefined
      notificationContent?: proto.Message.CloudAPIThreadControlNotification.ICloudAPIThreadControlNotificationContent | null | undefined
      shouldSuppressNotification?: boolean | null | undefined
    }
    interface CloudAPIThreadControlNotification extends ICloudAPIThreadControlNotification {}
    class CloudAPIThreadControlNotification extends Kind<ICloudAPIThreadControlNotification> {}
    namespace CloudAPIThreadControlNotification {
      enum CloudAPIThreadControl {
        UNKNOWN = 0,
        CONTROL_PASSED = 1,
        CONTROL_TAKEN = 2,
        INFO = 3,
      }
      interface ICloudAPIThreadControlNotificationContent {
        handoffNotificationText?: string | null | undefined
        extraJson?: string | null | undefined
      }
      interface CloudAPIThreadControlNotificationContent extends ICloudAPIThreadControlNotificationContent {}
      class CloudAPIThreadControlNotificationContent extends Kind<ICloudAPIThreadControlNotificationContent> {}
    }
    interface ICommentMessage {
      message?: proto.IMessage | null | undefined
      targetMessageKey?: proto.IMessageKey | null | undefined
    }
    interface CommentMessage extends ICommentMessage {}
    class CommentMessage extends Kind<ICommentMessage> {}
    interface IConditionalRevealMessage {
      encPayload?: Uint8Array | null | undefined
      encIv?: Uint8Array | null | undefined
      conditionalRevealMessageType?: proto.Message.ConditionalRevealMessage.ConditionalRevealMessageType | null | undefined
      revealKeyId?: string | null | undefined
    }
    interface ConditionalRevealMessage extends IConditionalRevealMessage {}
    class ConditionalRevealMessage extends Kind<IConditionalRevealMessage> {}
    namespace ConditionalRevealMessage {
      enum ConditionalRevealMessageType {
        UNKNOWN = 0,
        SCHEDULED_MESSAGE = 1,
      }
    }
    interface IContactMessage {
      displayName?: string | null | undefined
      vcard?: string | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      isSelfContact?: boolean | null | undefined
    }
    interface ContactMessage extends IContactMessage {}
    class ContactMessage extends Kind<IContactMessage> {}
    interface IContactsArrayMessage {
      displayName?: string | null | undefined
      contacts?: proto.Message.IContactMessage[] | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
    }
    interface ContactsArrayMessage extends IContactsArrayMessage {}
    class ContactsArrayMessage extends Kind<IContactsArrayMessage> {
      contacts: proto.Message.IContactMessage[]
    }
    interface IDeclinePaymentRequestMessage {
      key?: proto.IMessageKey | null | undefined
    }
    interface DeclinePaymentRequestMessage extends IDeclinePaymentRequestMessage {}
    class DeclinePaymentRequestMessage extends Kind<IDeclinePaymentRequestMessage> {}
    interface IDeviceSentMessage {
      destinationJid?: string | null | undefined
      message?: proto.IMessage | null | undefined
      phash?: string | null | undefined
    }
    interface DeviceSentMessage extends IDeviceSentMessage {}
    class DeviceSentMessage extends Kind<IDeviceSentMessage> {}
    interface IDocumentMessage {
      url?: string | null | undefined
      mimetype?: string | null | undefined
      title?: string | null | undefined
      fileSha256?: Uint8Array | null | undefined
      fileLength?: number | Long | null | undefined
      pageCount?: number | null | undefined
      mediaKey?: Uint8Array | null | undefined
      fileName?: string | null | undefined
      fileEncSha256?: Uint8Array | null | undefined
      directPath?: string | null | undefined
      mediaKeyTimestamp?: number | Long | null | undefined
      contactVcard?: boolean | null | undefined
      thumbnailDirectPath?: string | null | undefined
      thumbnailSha256?: Uint8Array | null | undefined
      thumbnailEncSha256?: Uint8Array | null | undefined
      jpegThumbnail?: Uint8Array | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      thumbnailHeight?: number | null | undefined
      thumbnailWidth?: number | null | undefined
      caption?: string | null | undefined
      accessibilityLabel?: string | null | undefined
    }
    interface DocumentMessage extends IDocumentMessage {}
    class DocumentMessage extends Kind<IDocumentMessage> {}
    interface IEncCommentMessage {
      targetMessageKey?: proto.IMessageKey | null | undefined
      encPayload?: Uint8Array | null | undefined
      encIv?: Uint8Array | null | undefined
    }
    interface EncCommentMessage extends IEncCommentMessage {}
    class EncCommentMessage extends Kind<IEncCommentMessage> {}
    interface IEncEventResponseMessage {
      eventCreationMessageKey?: proto.IMessageKey | null | undefined
      encPayload?: Uint8Array | null | undefined
      encIv?: Uint8Array | null | undefined
    }
    interface EncEventResponseMessage extends IEncEventResponseMessage {}
    class EncEventResponseMessage extends Kind<IEncEventResponseMessage> {}
    interface IEncReactionMessage {
      targetMessageKey?: proto.IMessageKey | null | undefined
      encPayload?: Uint8Array | null | undefined
      encIv?: Uint8Array | null | undefined
    }
    interface EncReactionMessage extends IEncReactionMessage {}
    class EncReactionMessage extends Kind<IEncReactionMessage> {}
    interface IEventInviteMessage {
      contextInfo?: proto.IContextInfo | null | undefined
      eventId?: string | null | undefined
      eventTitle?: string | null | undefined
      jpegThumbnail?: Uint8Array | null | undefined
      startTime?: number | Long | null | undefined
      caption?: string | null | undefined
      isCanceled?: boolean | null | undefined
      endTime?: number | Long | null | undefined
      callLink?: string | null | undefined
    }
    interface EventInviteMessage extends IEventInviteMessage {}
    class EventInviteMessage extends Kind<IEventInviteMessage> {}
    interface IEventMessage {
      contextInfo?: proto.IContextInfo | null | undefined
      isCanceled?: boolean | null | undefined
      name?: string | null | undefined
      description?: string | null | undefined
      location?: proto.Message.ILocationMessage | null | undefined
      joinLink?: string | null | undefined
      startTime?: number | Long | null | undefined
      endTime?: number | Long | null | undefined
      extraGuestsAllowed?: boolean | null | undefined
      isScheduleCall?: boolean | null | undefined
      hasReminder?: boolean | null | undefined
      reminderOffsetSec?: number | Long | null | undefined
    }
    interface EventMessage extends IEventMessage {}
    class EventMessage extends Kind<IEventMessage> {}
    interface IEventResponseMessage {
      response?: proto.Message.EventResponseMessage.EventResponseType | null | undefined
      timestampMs?: number | Long | null | undefined
      extraGuestCount?: number | null | undefined
    }
    interface EventResponseMessage extends IEventResponseMessage {}
    class EventResponseMessage extends Kind<IEventResponseMessage> {}
    namespace EventResponseMessage {
      enum EventResponseType {
        UNKNOWN = 0,
        GOING = 1,
        NOT_GOING = 2,
        MAYBE = 3,
      }
    }
    interface IExtendedTextMessage {
      text?: string | null | undefined
      matchedText?: string | null | undefined
      description?: string | null | undefined
      title?: string | null | undefined
      textArgb?: number | null | undefined
      backgroundArgb?: number | null | undefined
      font?: proto.Message.ExtendedTextMessage.FontType | null | undefined
      previewType?: proto.Message.ExtendedTextMessage.PreviewType | null | undefined
      jpegThumbnail?: Uint8Array | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      doNotPlayInline?: boolean | null | undefined
      thumbnailDirectPath?: string | null | undefined
      thumbnailSha256?: Uint8Array | null | undefined
      thumbnailEncSha256?: Uint8Array | null | undefined
      mediaKey?: Uint8Array | null | undefined
      mediaKeyTimestamp?: number | Long | null | undefined
      thumbnailHeight?: number | null | undefined
      thumbnailWidth?: number | null | undefined
      inviteLinkGroupType?: proto.Message.ExtendedTextMessage.InviteLinkGroupType | null | undefined
      inviteLinkParentGroupSubjectV2?: string | null | undefined
      inviteLinkParentGroupThumbnailV2?: Uint8Array | null | undefined
      inviteLinkGroupTypeV2?: proto.Message.ExtendedTextMessage.InviteLinkGroupType | null | undefined
      viewOnce?: boolean | null | undefined
      videoHeight?: number | null | undefined
      videoWidth?: number | null | undefined
      faviconMMSMetadata?: proto.Message.IMMSThumbnailMetadata | null | undefined
      linkPreviewMetadata?: proto.Message.ILinkPreviewMetadata | null | undefined
      paymentLinkMetadata?: proto.Message.IPaymentLinkMetadata | null | undefined
      endCardTiles?: proto.Message.IVideoEndCard[] | null | undefined
      videoContentUrl?: string | null | undefined
      musicMetadata?: proto.IEmbeddedMusic | null | undefined
      paymentExtendedMetadata?: proto.Message.IPaymentExtendedMetadata | null | undefined
    }
    interface ExtendedTextMessage extends IExtendedTextMessage {}
    class ExtendedTextMessage extends Kind<IExtendedTextMessage> {
      endCardTiles: proto.Message.IVideoEndCard[]
    }
    namespace ExtendedTextMessage {
      enum FontType {
        SYSTEM = 0,
        SYSTEM_TEXT = 1,
        FB_SCRIPT = 2,
        SYSTEM_BOLD = 6,
        MORNINGBREEZE_REGULAR = 7,
        CALISTOGA_REGULAR = 8,
        EXO2_EXTRABOLD = 9,
        COURIERPRIME_BOLD = 10,
      }
      enum InviteLinkGroupType {
        DEFAULT = 0,
        PARENT = 1,
        SUB = 2,
        DEFAULT_SUB = 3,
      }
      enum PreviewType {
        NONE = 0,
        VIDEO = 1,
        PLACEHOLDER = 4,
        IMAGE = 5,
        PAYMENT_LINKS = 6,
        PROFILE = 7,
      }
    }
    interface IFullHistorySyncOnDemandConfig {
      historyFromTimestamp?: number | Long | null | undefined
      historyDurationDays?: number | null | undefined
    }
    interface FullHistorySyncOnDemandConfig extends IFullHistorySyncOnDemandConfig {}
    class FullHistorySyncOnDemandConfig extends Kind<IFullHistorySyncOnDemandConfig> {}
    interface IFullHistorySyncOnDemandRequestMetadata {
      requestId?: string | null | undefined
      businessProduct?: string | null | undefined
      opaqueClientData?: Uint8Array | null | undefined
    }
    interface FullHistorySyncOnDemandRequestMetadata extends IFullHistorySyncOnDemandRequestMetadata {}
    class FullHistorySyncOnDemandRequestMetadata extends Kind<IFullHistorySyncOnDemandRequestMetadata> {}
    interface IFutureProofMessage {
      message?: proto.IMessage | null | undefined
    }
    interface FutureProofMessage extends IFutureProofMessage {}
    class FutureProofMessage extends Kind<IFutureProofMessage> {}
    interface IGroupInviteMessage {
      groupJid?: string | null | undefined
      inviteCode?: string | null | undefined
      inviteExpiration?: number | Long | null | undefined
      groupName?: string | null | undefined
      jpegThumbnail?: Uint8Array | null | undefined
      caption?: string | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      groupType?: proto.Message.GroupInviteMessage.GroupType | null | undefined
    }
    interface GroupInviteMessage extends IGroupInviteMessage {}
    class GroupInviteMessage extends Kind<IGroupInviteMessage> {}
    namespace GroupInviteMessage {
      enum GroupType {
        DEFAULT = 0,
        PARENT = 1,
      }
    }
    interface IHighlyStructuredMessage {
      namespace?: string | null | undefined
      elementName?: string | null | undefined
      params?: string[] | null | undefined
      fallbackLg?: string | null | undefined
      fallbackLc?: string | null | undefined
      localizableParams?: proto.Message.HighlyStructuredMessage.IHSMLocalizableParameter[] | null | undefined
      deterministicLg?: string | null | undefined
      deterministicLc?: string | null | undefined
      hydratedHsm?: proto.Message.ITemplateMessage | null | undefined
    }
    interface HighlyStructuredMessage extends IHighlyStructuredMessage {}
    class HighlyStructuredMessage extends Kind<IHighlyStructuredMessage> {
      params: string[]
      localizableParams: proto.Message.HighlyStructuredMessage.IHSMLocalizableParameter[]
    }
    namespace HighlyStructuredMessage {
      interface IHSMLocalizableParameter {
        default?: string | null | undefined
        currency?: proto.Message.HighlyStructuredMessage.HSMLocalizableParameter.IHSMCurrency | null | undefined
        dateTime?: proto.Message.HighlyStructuredMessage.HSMLocalizableParameter.IHSMDateTime | null | undefined
      }
      interface HSMLocalizableParameter extends IHSMLocalizableParameter {}
      class HSMLocalizableParameter extends Kind<IHSMLocalizableParameter> {
        paramOneof?: 'currency' | 'dateTime' | undefined
      }
      namespace HSMLocalizableParameter {
        interface IHSMCurrency {
          currencyCode?: string | null | undefined
          amount1000?: number | Long | null | undefined
        }
        interface HSMCurrency extends IHSMCurrency {}
        class HSMCurrency extends Kind<IHSMCurrency> {}
        interface IHSMDateTime {
          component?: proto.Message.HighlyStructuredMessage.HSMLocalizableParameter.HSMDateTime.IHSMDateTimeComponent | null | undefined
          unixEpoch?: proto.Message.HighlyStructuredMessage.HSMLocalizableParameter.HSMDateTime.IHSMDateTimeUnixEpoch | null | undefined
        }
        interface HSMDateTime extends IHSMDateTime {}
        class HSMDateTime extends Kind<IHSMDateTime> {
          datetimeOneof?: 'component' | 'unixEpoch' | undefined
        }
        namespace HSMDateTime {
          interface IHSMDateTimeComponent {
            dayOfWeek?: proto.Message.HighlyStructuredMessage.HSMLocalizableParameter.HSMDateTime.HSMDateTimeComponent.DayOfWeekType | null | undefined
            year?: number | null | undefined
            month?: number | null | undefined
            dayOfMonth?: number | null | undefined
            hour?: number | null | undefined
            minute?: number | null | undefined
            calendar?: proto.Message.HighlyStructuredMessage.HSMLocalizableParameter.HSMDateTime.HSMDateTimeComponent.CalendarType | null | undefined
          }
          interface HSMDateTimeComponent extends IHSMDateTimeComponent {}
          class HSMDateTimeComponent extends Kind<IHSMDateTimeComponent> {}
          namespace HSMDateTimeComponent {
            enum CalendarType {
              GREGORIAN = 1,
              SOLAR_HIJRI = 2,
            }
            enum DayOfWeekType {
              MONDAY = 1,
              TUESDAY = 2,
              WEDNESDAY = 3,
              THURSDAY = 4,
              FRIDAY = 5,
              SATURDAY = 6,
              SUNDAY = 7,
            }
          }
          interface IHSMDateTimeUnixEpoch {
            timestamp?: number | Long | null | undefined
          }
          interface HSMDateTimeUnixEpoch extends IHSMDateTimeUnixEpoch {}
          class HSMDateTimeUnixEpoch extends Kind<IHSMDateTimeUnixEpoch> {}
        }
      }
    }
    interface IHistorySyncMessageAccessStatus {
      completeAccessGranted?: boolean | null | undefined
    }
    interface HistorySyncMessageAccessStatus extends IHistorySyncMessageAccessStatus {}
    class HistorySyncMessageAccessStatus extends Kind<IHistorySyncMessageAccessStatus> {}
    interface IHistorySyncNotification {
      fileSha256?: Uint8Array | null | undefined
      fileLength?: number | Long | null | undefined
      mediaKey?: Uint8Array | null | undefined
      fileEncSha256?: Uint8Array | null | undefined
      directPath?: string | null | undefined
      syncType?: proto.Message.HistorySyncType | null | undefined
      chunkOrder?: number | null | undefined
      originalMessageId?: string | null | undefined
      progress?: number | null | undefined
      oldestMsgInChunkTimestampSec?: number | Long | null | undefined
      initialHistBootstrapInlinePayload?: Uint8Array | null | undefined
      peerDataRequestSessionId?: string | null | undefined
      fullHistorySyncOnDemandRequestMetadata?: proto.Message.IFullHistorySyncOnDemandRequestMetadata | null | undefined
      encHandle?: string | null | undefined
      messageAccessStatus?: proto.Message.IHistorySyncMessageAccessStatus | null | undefined
    }
    interface HistorySyncNotification extends IHistorySyncNotification {}
    class HistorySyncNotification extends Kind<IHistorySyncNotification> {}
    enum HistorySyncType {
      INITIAL_BOOTSTRAP = 0,
      INITIAL_STATUS_V3 = 1,
      FULL = 2,
      RECENT = 3,
      PUSH_NAME = 4,
      NON_BLOCKING_DATA = 5,
      ON_DEMAND = 6,
      NO_HISTORY = 7,
      MESSAGE_ACCESS_STATUS = 8,
    }
    interface IImageMessage {
      url?: string | null | undefined
      mimetype?: string | null | undefined
      caption?: string | null | undefined
      fileSha256?: Uint8Array | null | undefined
      fileLength?: number | Long | null | undefined
      height?: number | null | undefined
      width?: number | null | undefined
      mediaKey?: Uint8Array | null | undefined
      fileEncSha256?: Uint8Array | null | undefined
      interactiveAnnotations?: proto.IInteractiveAnnotation[] | null | undefined
      directPath?: string | null | undefined
      mediaKeyTimestamp?: number | Long | null | undefined
      jpegThumbnail?: Uint8Array | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      firstScanSidecar?: Uint8Array | null | undefined
      firstScanLength?: number | null | undefined
      experimentGroupId?: number | null | undefined
      scansSidecar?: Uint8Array | null | undefined
      scanLengths?: number[] | null | undefined
      midQualityFileSha256?: Uint8Array | null | undefined
      midQualityFileEncSha256?: Uint8Array | null | undefined
      viewOnce?: boolean | null | undefined
      thumbnailDirectPath?: string | null | undefined
      thumbnailSha256?: Uint8Array | null | undefined
      thumbnailEncSha256?: Uint8Array | null | undefined
      staticUrl?: string | null | undefined
      annotations?: proto.IInteractiveAnnotation[] | null | undefined
      imageSourceType?: proto.Message.ImageMessage.ImageSourceType | null | undefined
      accessibilityLabel?: string | null | undefined
      qrUrl?: string | null | undefined
    }
    interface ImageMessage extends IImageMessage {}
    class ImageMessage extends Kind<IImageMessage> {
      interactiveAnnotations: proto.IInteractiveAnnotation[]
      scanLengths: number[]
      annotations: proto.IInteractiveAnnotation[]
    }
    namespace ImageMessage {
      enum ImageSourceType {
        USER_IMAGE = 0,
        AI_GENERATED = 1,
        AI_MODIFIED = 2,
        RASTERIZED_TEXT_STATUS = 3,
      }
    }
    interface IInitialSecurityNotificationSettingSync {
      securityNotificationEnabled?: boolean | null | undefined
    }
    interface InitialSecurityNotificationSettingSync extends IInitialSecurityNotificationSettingSync {}
    class InitialSecurityNotificationSettingSync extends Kind<IInitialSecurityNotificationSettingSync> {}
    enum InsightDeliveryState {
      SENT = 0,
      DELIVERED = 1,
      READ = 2,
      REPLIED = 3,
      QUICK_REPLIED = 4,
    }
    interface IInteractiveMessage {
      header?: proto.Message.InteractiveMessage.IHeader | null | undefined
      body?: proto.Message.InteractiveMessage.IBody | null | undefined
      footer?: proto.Message.InteractiveMessage.IFooter | null | undefined
      bloksWidget?: proto.Message.InteractiveMessage.IBloksWidget | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      urlTrackingMap?: proto.IUrlTrackingMap | null | undefined
      shopStorefrontMessage?: proto.Message.InteractiveMessage.IShopMessage | null | undefined
      collectionMessage?: proto.Message.InteractiveMessage.ICollectionMessage | null | undefined
      nativeFlowMessage?: proto.Message.InteractiveMessage.INativeFlowMessage | null | undefined
      carouselMessage?: proto.Message.InteractiveMessage.ICarouselMessage | null | undefined
    }
    interface InteractiveMessage extends IInteractiveMessage {}
    class InteractiveMessage extends Kind<IInteractiveMessage> {
      interactiveMessage?: 'shopStorefrontMessage' | 'collectionMessage' | 'nativeFlowMessage' | 'carouselMessage' | undefined
    }
    namespace InteractiveMessage {
      interface IBloksWidget {
        uuid?: string | null | undefined
        data?: string | null | undefined
        type?: string | null | undefined
        fallback?: string | null | undefined
      }
      interface BloksWidget extends IBloksWidget {}
      class BloksWidget extends Kind<IBloksWidget> {}
      interface IBody {
        text?: string | null | undefined
      }
      interface Body extends IBody {}
      class Body extends Kind<IBody> {}
      interface ICarouselMessage {
        cards?: proto.Message.IInteractiveMessage[] | null | undefined
        messageVersion?: number | null | undefined
        carouselCardType?: proto.Message.InteractiveMessage.CarouselMessage.CarouselCardType | null | undefined
      }
      interface CarouselMessage extends ICarouselMessage {}
      class CarouselMessage extends Kind<ICarouselMessage> {
        cards: proto.Message.IInteractiveMessage[]
      }
      namespace CarouselMessage {
        enum CarouselCardType {
          UNKNOWN = 0,
          HSCROLL_CARDS = 1,
          ALBUM_IMAGE = 2,
        }
      }
      interface ICollectionMessage {
        bizJid?: string | null | undefined
        id?: string | null | undefined
        messageVersion?: number | null | undefined
      }
      interface CollectionMessage extends ICollectionMessage {}
      class CollectionMessage extends Kind<ICollectionMessage> {}
      interface IFooter {
        text?: string | null | undefined
        hasMediaAttachment?: boolean | null | undefined
        audioMessage?: proto.Message.IAudioMessage | null | undefined
      }
      interface Footer extends IFooter {}
      class Footer extends Kind<IFooter> {
        media?: 'audioMessage' | undefined
      }
      interface IHeader {
        title?: string | null | undefined
        subtitle?: string | null | undefined
        hasMediaAttachment?: boolean | null | undefined
        bloksWidget?: proto.Message.InteractiveMessage.IBloksWidget | null | undefined
        documentMessage?: proto.Message.IDocumentMessage | null | undefined
        imageMessage?: proto.Message.IImageMessage | null | undefined
        jpegThumbnail?: Uint8Array | null | undefined
        videoMessage?: proto.Message.IVideoMessage | null | undefined
        locationMessage?: proto.Message.ILocationMessage | null | undefined
        productMessage?: proto.Message.IProductMessage | null | undefined
      }
      interface Header extends IHeader {}
      class Header extends Kind<IHeader> {
        media?: 'documentMessage' | 'imageMessage' | 'jpegThumbnail' | 'videoMessage' | 'locationMessage' | 'productMessage' | undefined
      }
      interface INativeFlowMessage {
        buttons?: proto.Message.InteractiveMessage.NativeFlowMessage.INativeFlowButton[] | null | undefined
        messageParamsJson?: string | null | undefined
        messageVersion?: number | null | undefined
      }
      interface NativeFlowMessage extends INativeFlowMessage {}
      class NativeFlowMessage extends Kind<INativeFlowMessage> {
        buttons: proto.Message.InteractiveMessage.NativeFlowMessage.INativeFlowButton[]
      }
      namespace NativeFlowMessage {
        interface INativeFlowButton {
          name?: string | null | undefined
          buttonParamsJson?: string | null | undefined
        }
        interface NativeFlowButton extends INativeFlowButton {}
        class NativeFlowButton extends Kind<INativeFlowButton> {}
      }
      interface IShopMessage {
        id?: string | null | undefined
        surface?: proto.Message.InteractiveMessage.ShopMessage.Surface | null | undefined
        messageVersion?: number | null | undefined
      }
      interface ShopMessage extends IShopMessage {}
      class ShopMessage extends Kind<IShopMessage> {}
      namespace ShopMessage {
        enum Surface {
          UNKNOWN_SURFACE = 0,
          FB = 1,
          IG = 2,
          WA = 3,
        }
      }
    }
    interface IInteractiveResponseMessage {
      body?: proto.Message.InteractiveResponseMessage.IBody | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      nativeFlowResponseMessage?: proto.Message.InteractiveResponseMessage.INativeFlowResponseMessage | null | undefined
    }
    interface InteractiveResponseMessage extends IInteractiveResponseMessage {}
    class InteractiveResponseMessage extends Kind<IInteractiveResponseMessage> {
      interactiveResponseMessage?: 'nativeFlowResponseMessage' | undefined
    }
    namespace InteractiveResponseMessage {
      interface IBody {
        text?: string | null | undefined
        format?: proto.Message.InteractiveResponseMessage.Body.Format | null | undefined
      }
      interface Body extends IBody {}
      class Body extends Kind<IBody> {}
      namespace Body {
        enum Format {
          DEFAULT = 0,
          EXTENSIONS_1 = 1,
        }
      }
      interface INativeFlowResponseMessage {
        name?: string | null | undefined
        paramsJson?: string | null | undefined
        version?: number | null | undefined
      }
      interface NativeFlowResponseMessage extends INativeFlowResponseMessage {}
      class NativeFlowResponseMessage extends Kind<INativeFlowResponseMessage> {}
    }
    interface IInvoiceMessage {
      note?: string | null | undefined
      token?: string | null | undefined
      attachmentType?: proto.Message.InvoiceMessage.AttachmentType | null | undefined
      attachmentMimetype?: string | null | undefined
      attachmentMediaKey?: Uint8Array | null | undefined
      attachmentMediaKeyTimestamp?: number | Long | null | undefined
      attachmentFileSha256?: Uint8Array | null | undefined
      attachmentFileEncSha256?: Uint8Array | null | undefined
      attachmentDirectPath?: string | null | undefined
      attachmentJpegThumbnail?: Uint8Array | null | undefined
    }
    interface InvoiceMessage extends IInvoiceMessage {}
    class InvoiceMessage extends Kind<IInvoiceMessage> {}
    namespace InvoiceMessage {
      enum AttachmentType {
        IMAGE = 0,
        PDF = 1,
      }
    }
    interface IKeepInChatMessage {
      key?: proto.IMessageKey | null | undefined
      keepType?: proto.KeepType | null | undefined
      timestampMs?: number | Long | null | undefined
    }
    interface KeepInChatMessage extends IKeepInChatMessage {}
    class KeepInChatMessage extends Kind<IKeepInChatMessage> {}
    interface ILinkPreviewMetadata {
      paymentLinkMetadata?: proto.Message.IPaymentLinkMetadata | null | undefined
      urlMetadata?: proto.Message.IURLMetadata | null | undefined
      fbExperimentId?: number | null | undefined
      linkMediaDuration?: number | null | undefined
      socialMediaPostType?: proto.Message.LinkPreviewMetadata.SocialMediaPostType | null | undefined
      linkInlineVideoMuted?: boolean | null | undefined
      videoContentUrl?: string | null | undefined
      musicMetadata?: proto.IEmbeddedMusic | null | undefined
      videoContentCaption?: string | null | undefined
    }
    interface LinkPreviewMetadata extends ILinkPreviewMetadata {}
    class LinkPreviewMetadata extends Kind<ILinkPreviewMetadata> {}
    namespace LinkPreviewMetadata {
      enum SocialMediaPostType {
        NONE = 0,
        REEL = 1,
        LIVE_VIDEO = 2,
        LONG_VIDEO = 3,
        SINGLE_IMAGE = 4,
        CAROUSEL = 5,
      }
    }
    interface IListMessage {
      title?: string | null | undefined
      description?: string | null | undefined
      buttonText?: string | null | undefined
      listType?: proto.Message.ListMessage.ListType | null | undefined
      sections?: proto.Message.ListMessage.ISection[] | null | undefined
      productListInfo?: proto.Message.ListMessage.IProductListInfo | null | undefined
      footerText?: string | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
    }
    interface ListMessage extends IListMessage {}
    class ListMessage extends Kind<IListMessage> {
      sections: proto.Message.ListMessage.ISection[]
    }
    namespace ListMessage {
      enum ListType {
        UNKNOWN = 0,
        SINGLE_SELECT = 1,
        PRODUCT_LIST = 2,
      }
      interface IProduct {
        productId?: string | null | undefined
      }
      interface Product extends IProduct {}
      class Product extends Kind<IProduct> {}
      interface IProductListHeaderImage {
        productId?: string | null | undefined
        jpegThumbnail?: Uint8Array | null | undefined
      }
      interface ProductListHeaderImage extends IProductListHeaderImage {}
      class ProductListHeaderImage extends Kind<IProductListHeaderImage> {}
      interface IProductListInfo {
        productSections?: proto.Message.ListMessage.IProductSection[] | null | undefined
        headerImage?: proto.Message.ListMessage.IProductListHeaderImage | null | undefined
        businessOwnerJid?: string | null | undefined
      }
      interface ProductListInfo extends IProductListInfo {}
      class ProductListInfo extends Kind<IProductListInfo> {
        productSections: proto.Message.ListMessage.IProductSection[]
      }
      interface IProductSection {
        title?: string | null | undefined
        products?: proto.Message.ListMessage.IProduct[] | null | undefined
      }
      interface ProductSection extends IProductSection {}
      class ProductSection extends Kind<IProductSection> {
        products: proto.Message.ListMessage.IProduct[]
      }
      interface IRow {
        title?: string | null | undefined
        description?: string | null | undefined
        rowId?: string | null | undefined
      }
      interface Row extends IRow {}
      class Row extends Kind<IRow> {}
      interface ISection {
        title?: string | null | undefined
        rows?: proto.Message.ListMessage.IRow[] | null | undefined
      }
      interface Section extends ISection {}
      class Section extends Kind<ISection> {
        rows: proto.Message.ListMessage.IRow[]
      }
    }
    interface IListResponseMessage {
      title?: string | null | undefined
      listType?: proto.Message.ListResponseMessage.ListType | null | undefined
      singleSelectReply?: proto.Message.ListResponseMessage.ISingleSelectReply | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      description?: string | null | undefined
    }
    interface ListResponseMessage extends IListResponseMessage {}
    class ListResponseMessage extends Kind<IListResponseMessage> {}
    namespace ListResponseMessage {
      enum ListType {
        UNKNOWN = 0,
        SINGLE_SELECT = 1,
      }
      interface ISingleSelectReply {
        selectedRowId?: string | null | undefined
      }
      interface SingleSelectReply extends ISingleSelectReply {}
      class SingleSelectReply extends Kind<ISingleSelectReply> {}
    }
    interface ILiveLocationMessage {
      degreesLatitude?: number | null | undefined
      degreesLongitude?: number | null | undefined
      accuracyInMeters?: number | null | undefined
      speedInMps?: number | null | undefined
      degreesClockwiseFromMagneticNorth?: number | null | undefined
      caption?: string | null | undefined
      sequenceNumber?: number | Long | null | undefined
      timeOffset?: number | null | undefined
      jpegThumbnail?: Uint8Array | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
    }
    interface LiveLocationMessage extends ILiveLocationMessage {}
    class LiveLocationMessage extends Kind<ILiveLocationMessage> {}
    interface ILocationMessage {
      degreesLatitude?: number | null | undefined
      degreesLongitude?: number | null | undefined
      name?: string | null | undefined
      address?: string | null | undefined
      url?: string | null | undefined
      isLive?: boolean | null | undefined
      accuracyInMeters?: number | null | undefined
      speedInMps?: number | null | undefined
      degreesClockwiseFromMagneticNorth?: number | null | undefined
      comment?: string | null | undefined
      jpegThumbnail?: Uint8Array | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
    }
    interface LocationMessage extends ILocationMessage {}
    class LocationMessage extends Kind<ILocationMessage> {}
    interface IMMSThumbnailMetadata {
      thumbnailDirectPath?: string | null | undefined
      thumbnailSha256?: Uint8Array | null | undefined
      thumbnailEncSha256?: Uint8Array | null | undefined
      mediaKey?: Uint8Array | null | undefined
      mediaKeyTimestamp?: number | Long | null | undefined
      thumbnailHeight?: number | null | undefined
      thumbnailWidth?: number | null | undefined
    }
    interface MMSThumbnailMetadata extends IMMSThumbnailMetadata {}
    class MMSThumbnailMetadata extends Kind<IMMSThumbnailMetadata> {}
    interface IMessageHistoryBundle {
      mimetype?: string | null | undefined
      fileSha256?: Uint8Array | null | undefined
      mediaKey?: Uint8Array | null | undefined
      fileEncSha256?: Uint8Array | null | undefined
      directPath?: string | null | undefined
      mediaKeyTimestamp?: number | Long | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      messageHistoryMetadata?: proto.Message.IMessageHistoryMetadata | null | undefined
    }
    interface MessageHistoryBundle extends IMessageHistoryBundle {}
    class MessageHistoryBundle extends Kind<IMessageHistoryBundle> {}
    interface IMessageHistoryMetadata {
      historyReceivers?: string[] | null | undefined
      oldestMessageTimestampInWindow?: number | Long | null | undefined
      messageCount?: number | Long | null | undefined
      nonHistoryReceivers?: string[] | null | undefined
      oldestMessageTimestampInBundle?: number | Long | null | undefined
    }
    interface MessageHistoryMetadata extends IMessageHistoryMetadata {}
    class MessageHistoryMetadata extends Kind<IMessageHistoryMetadata> {
      historyReceivers: string[]
      nonHistoryReceivers: string[]
    }
    interface IMessageHistoryNotice {
      contextInfo?: proto.IContextInfo | null | undefined
      messageHistoryMetadata?: proto.Message.IMessageHistoryMetadata | null | undefined
    }
    interface MessageHistoryNotice extends IMessageHistoryNotice {}
    class MessageHistoryNotice extends Kind<IMessageHistoryNotice> {}
    interface INewsletterAdminInviteMessage {
      newsletterJid?: string | null | undefined
      newsletterName?: string | null | undefined
      jpegThumbnail?: Uint8Array | null | undefined
      caption?: string | null | undefined
      inviteExpiration?: number | Long | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
    }
    interface NewsletterAdminInviteMessage extends INewsletterAdminInviteMessage {}
    class NewsletterAdminInviteMessage extends Kind<INewsletterAdminInviteMessage> {}
    interface INewsletterFollowerInviteMessage {
      newsletterJid?: string | null | undefined
      newsletterName?: string | null | undefined
      jpegThumbnail?: Uint8Array | null | undefined
      caption?: string | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
    }
    interface NewsletterFollowerInviteMessage extends INewsletterFollowerInviteMessage {}
    class NewsletterFollowerInviteMessage extends Kind<INewsletterFollowerInviteMessage> {}
    interface IOrderMessage {
      orderId?: string | null | undefined
      thumbnail?: Uint8Array | null | undefined
      itemCount?: number | null | undefined
      status?: proto.Message.OrderMessage.OrderStatus | null | undefined
      surface?: proto.Message.OrderMessage.OrderSurface | null | undefined
      message?: string | null | undefined
      orderTitle?: string | null | undefined
      sellerJid?: string | null | undefined
      token?: string | null | undefined
      totalAmount1000?: number | Long | null | undefined
      totalCurrencyCode?: string | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      messageVersion?: number | null | undefined
      orderRequestMessageId?: proto.IMessageKey | null | undefined
      catalogType?: string | null | undefined
    }
    interface OrderMessage extends IOrderMessage {}
    class OrderMessage extends Kind<IOrderMessage> {}
    namespace OrderMessage {
      enum OrderStatus {
        INQUIRY = 1,
        ACCEPTED = 2,
        DECLINED = 3,
      }
      enum OrderSurface {
        CATALOG = 1,
      }
    }
    interface IPaymentExtendedMetadata {
      type?: number | null | undefined
      platform?: string | null | undefined
    }
    interface PaymentExtendedMetadata extends IPaymentExtendedMetadata {}
    class PaymentExtendedMetadata extends Kind<IPaymentExtendedMetadata> {}
    interface IPaymentInviteMessage {
      serviceType?: proto.Message.PaymentInviteMessage.ServiceType | null | undefined
      expiryTimestamp?: number | Long | null | undefined
      incentiveEligible?: boolean | null | undefined
      referralId?: string | null | undefined
      inviteType?: proto.Message.PaymentInviteMessage.InviteType | null | undefined
    }
    interface PaymentInviteMessage extends IPaymentInviteMessage {}
    class PaymentInviteMessage extends Kind<IPaymentInviteMessage> {}
    namespace PaymentInviteMessage {
      enum InviteType {
        DEFAULT = 0,
        MAPPER = 1,
      }
      enum ServiceType {
        UNKNOWN = 0,
        FBPAY = 1,
        NOVI = 2,
        UPI = 3,
      }
    }
    interface IPaymentLinkMetadata {
      button?: proto.Message.PaymentLinkMetadata.IPaymentLinkButton | null | undefined
      header?: proto.Message.PaymentLinkMetadata.IPaymentLinkHeader | null | undefined
      provider?: proto.Message.PaymentLinkMetadata.IPaymentLinkProvider | null | undefined
    }
    interface PaymentLinkMetadata extends IPaymentLinkMetadata {}
    class PaymentLinkMetadata extends Kind<IPaymentLinkMetadata> {}
    namespace PaymentLinkMetadata {
      interface IPaymentLinkButton {
        displayText?: string | null | undefined
      }
      interface PaymentLinkButton extends IPaymentLinkButton {}
      class PaymentLinkButton extends Kind<IPaymentLinkButton> {}
      interface IPaymentLinkHeader {
        headerType?: proto.Message.PaymentLinkMetadata.PaymentLinkHeader.PaymentLinkHeaderType | null | undefined
      }
      interface PaymentLinkHeader extends IPaymentLinkHeader {}
      class PaymentLinkHeader extends Kind<IPaymentLinkHeader> {}
      namespace PaymentLinkHeader {
        enum PaymentLinkHeaderType {
          LINK_PREVIEW = 0,
          ORDER = 1,
        }
      }
      interface IPaymentLinkProvider {
        paramsJson?: string | null | undefined
      }
      interface PaymentLinkProvider extends IPaymentLinkProvider {}
      class PaymentLinkProvider extends Kind<IPaymentLinkProvider> {}
    }
    interface IPaymentReminderMessage {
      reminderId?: string | null | undefined
      instanceId?: string | null | undefined
      description?: string | null | undefined
      frequency?: proto.Message.PaymentReminderMessage.ReminderFrequency | null | undefined
      status?: proto.Message.PaymentReminderMessage.ReminderStatus | null | undefined
      payeeVpa?: string | null | undefined
      payeeJid?: string | null | undefined
      payerJid?: string | null | undefined
      amount?: proto.IMoney | null | undefined
    }
    interface PaymentReminderMessage extends IPaymentReminderMessage {}
    class PaymentReminderMessage extends Kind<IPaymentReminderMessage> {}
    namespace PaymentReminderMessage {
      enum ReminderFrequency {
        REMINDER_FREQUENCY_UNKNOWN = 0,
        WEEKLY = 1,
        BI_WEEKLY = 2,
        MONTHLY = 3,
        QUARTERLY = 4,
      }
      enum ReminderStatus {
        REMINDER_STATUS_UNKNOWN = 0,
        ACTIVE = 1,
        CANCELLED_BY_CREATOR = 2,
        STOPPED_BY_RECEIVER = 3,
        EXPIRED = 4,
        PAID = 5,
      }
    }
    interface IPeerDataOperationRequestMessage {
      peerDataOperationRequestType?: proto.Message.PeerDataOperationRequestType | null | undefined
      requestStickerReupload?: proto.Message.PeerDataOperationRequestMessage.IRequestStickerReupload[] | null | undefined
      requestUrlPreview?: proto.Message.PeerDataOperationRequestMessage.IRequestUrlPreview[] | null | undefined
      historySyncOnDemandRequest?: proto.Message.PeerDataOperationRequestMessage.IHistorySyncOnDemandRequest | null | undefined
      placeholderMessageResendRequest?: proto.Message.PeerDataOperationRequestMessage.IPlaceholderMessageResendRequest[] | null | undefined
      fullHistorySyncOnDemandRequest?: proto.Message.PeerDataOperationRequestMessage.IFullHistorySyncOnDemandRequest | null | undefined
      syncdCollectionFatalRecoveryRequest?: proto.Message.PeerDataOperationRequestMessage.ISyncDCollectionFatalRecoveryRequest | null | undefined
      historySyncChunkRetryRequest?: proto.Message.PeerDataOperationRequestMessage.IHistorySyncChunkRetryRequest | null | undefined
      galaxyFlowAction?: proto.Message.PeerDataOperationRequestMessage.IGalaxyFlowAction | null | undefined
      companionCanonicalUserNonceFetchRequest?: proto.Message.PeerDataOperationRequestMessage.ICompanionCanonicalUserNonceFetchRequest | null | undefined
      bizBroadcastInsightsContactListRequest?: proto.Message.PeerDataOperationRequestMessage.IBizBroadcastInsightsContactListRequest | null | undefined
      bizBroadcastInsightsRefreshRequest?: proto.Message.PeerDataOperationRequestMessage.IBizBroadcastInsightsRefreshRequest | null | undefined
    }
    interface PeerDataOperationRequestMessage extends IPeerDataOperationRequestMessage {}
    class PeerDataOperationRequestMessage extends Kind<IPeerDataOperationRequestMessage> {
      requestStickerReupload: proto.Message.PeerDataOperationRequestMessage.IRequestStickerReupload[]
      requestUrlPreview: proto.Message.PeerDataOperationRequestMessage.IRequestUrlPreview[]
      placeholderMessageResendRequest: proto.Message.PeerDataOperationRequestMessage.IPlaceholderMessageResendRequest[]
    }
    namespace PeerDataOperationRequestMessage {
      interface IBizBroadcastInsightsContactListRequest {
        campaignId?: string | null | undefined
      }
      interface BizBroadcastInsightsContactListRequest extends IBizBroadcastInsightsContactListRequest {}
      class BizBroadcastInsightsContactListRequest extends Kind<IBizBroadcastInsightsContactListRequest> {}
      interface IBizBroadcastInsightsRefreshRequest {
        campaignId?: string | null | undefined
      }
      interface BizBroadcastInsightsRefreshRequest extends IBizBroadcastInsightsRefreshRequest {}
      class BizBroadcastInsightsRefreshRequest extends Kind<IBizBroadcastInsightsRefreshRequest> {}
      interface ICompanionCanonicalUserNonceFetchRequest {
        registrationTraceId?: string | null | undefined
      }
      interface CompanionCanonicalUserNonceFetchRequest extends ICompanionCanonicalUserNonceFetchRequest {}
      class CompanionCanonicalUserNonceFetchRequest extends Kind<ICompanionCanonicalUserNonceFetchRequest> {}
      interface IFullHistorySyncOnDemandRequest {
        requestMetadata?: proto.Message.IFullHistorySyncOnDemandRequestMetadata | null | undefined
        historySyncConfig?: proto.DeviceProps.IHistorySyncConfig | null | undefined
        fullHistorySyncOnDemandConfig?: proto.Message.IFullHistorySyncOnDemandConfig | null | undefined
      }
      interface FullHistorySyncOnDemandRequest extends IFullHistorySyncOnDemandRequest {}
      class FullHistorySyncOnDemandRequest extends Kind<IFullHistorySyncOnDemandRequest> {}
      interface IGalaxyFlowAction {
        type?: proto.Message.PeerDataOperationRequestMessage.GalaxyFlowAction.GalaxyFlowActionType | null | undefined
        flowId?: string | null | undefined
        stanzaId?: string | null | undefined
        galaxyFlowDownloadRequestId?: string | null | undefined
        agmId?: string | null | undefined
      }
      interface GalaxyFlowAction extends IGalaxyFlowAction {}
      class GalaxyFlowAction extends Kind<IGalaxyFlowAction> {}
      namespace GalaxyFlowAction {
        enum GalaxyFlowActionType {
          NOTIFY_LAUNCH = 1,
          DOWNLOAD_RESPONSES = 2,
        }
      }
      interface IHistorySyncChunkRetryRequest {
        syncType?: proto.Message.HistorySyncType | null | undefined
        chunkOrder?: number | null | undefined
        chunkNotificationId?: string | null | undefined
        regenerateChunk?: boolean | null | undefined
      }
      interface HistorySyncChunkRetryRequest extends IHistorySyncChunkRetryRequest {}
      class HistorySyncChunkRetryRequest extends Kind<IHistorySyncChunkRetryRequest> {}
      interface IHistorySyncOnDemandRequest {
        chatJid?: string | null | undefined
        oldestMsgId?: string | null | undefined
        oldestMsgFromMe?: boolean | null | undefined
        onDemandMsgCount?: number | null | undefined
        oldestMsgTimestampMs?: number | Long | null | undefined
        accountLid?: string | null | undefined
        supportInlineResponse?: boolean | null | undefined
      }
      interface HistorySyncOnDemandRequest extends IHistorySyncOnDemandRequest {}
      class HistorySyncOnDemandRequest extends Kind<IHistorySyncOnDemandRequest> {}
      interface IPlaceholderMessageResendRequest {
        messageKey?: proto.IMessageKey | null | undefined
      }
      interface PlaceholderMessageResendRequest extends IPlaceholderMessageResendRequest {}
      class PlaceholderMessageResendRequest extends Kind<IPlaceholderMessageResendRequest> {}
      interface IRequestStickerReupload {
        fileSha256?: string | null | undefined
      }
      interface RequestStickerReupload extends IRequestStickerReupload {}
      class RequestStickerReupload extends Kind<IRequestStickerReupload> {}
      interface IRequestUrlPreview {
        url?: string | null | undefined
        includeHqThumbnail?: boolean | null | undefined
      }
      interface RequestUrlPreview extends IRequestUrlPreview {}
      class RequestUrlPreview extends Kind<IRequestUrlPreview> {}
      interface ISyncDCollectionFatalRecoveryRequest {
        collectionName?: string | null | undefined
        timestamp?: number | Long | null | undefined
      }
      interface SyncDCollectionFatalRecoveryRequest extends ISyncDCollectionFatalRecoveryRequest {}
      class SyncDCollectionFatalRecoveryRequest extends Kind<ISyncDCollectionFatalRecoveryRequest> {}
    }
    interface IPeerDataOperationRequestResponseMessage {
      peerDataOperationRequestType?: proto.Message.PeerDataOperationRequestType | null | undefined
      stanzaId?: string | null | undefined
      peerDataOperationResult?: proto.Message.PeerDataOperationRequestResponseMessage.IPeerDataOperationResult[] | null | undefined
    }
    interface PeerDataOperationRequestResponseMessage extends IPeerDataOperationRequestResponseMessage {}
    class PeerDataOperationRequestResponseMessage extends Kind<IPeerDataOperationRequestResponseMessage> {
      peerDataOperationResult: proto.Message.PeerDataOperationRequestResponseMessage.IPeerDataOperationResult[]
    }
    namespace PeerDataOperationRequestResponseMessage {
      interface IPeerDataOperationResult {
        mediaUploadResult?: proto.MediaRetryNotification.ResultType | null | undefined
        stickerMessage?: proto.Message.IStickerMessage | null | undefined
        linkPreviewResponse?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.ILinkPreviewResponse | null | undefined
        placeholderMessageResendResponse?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.IPlaceholderMessageResendResponse | null | undefined
        waffleNonceFetchRequestResponse?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.IWaffleNonceFetchResponse | null | undefined
        fullHistorySyncOnDemandRequestResponse?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.IFullHistorySyncOnDemandRequestResponse | null | undefined
        companionMetaNonceFetchRequestResponse?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.ICompanionMetaNonceFetchResponse | null | undefined
        syncdSnapshotFatalRecoveryResponse?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.ISyncDSnapshotFatalRecoveryResponse | null | undefined
        companionCanonicalUserNonceFetchRequestResponse?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.ICompanionCanonicalUserNonceFetchResponse | null | undefined
        historySyncChunkRetryResponse?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.IHistorySyncChunkRetryResponse | null | undefined
        flowResponsesCsvBundle?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.IFlowResponsesCsvBundle | null | undefined
        bizBroadcastInsightsContactListResponse?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.IBizBroadcastInsightsContactListResponse | null | undefined
      }
      interface PeerDataOperationResult extends IPeerDataOperationResult {}
      class PeerDataOperationResult extends Kind<IPeerDataOperationResult> {}
      namespace PeerDataOperationResult {
        interface IBizBroadcastInsightsContactListResponse {
          campaignId?: string | null | undefined
          timestampMs?: number | Long | null | undefined
          contacts?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.IBizBroadcastInsightsContactState[] | null | undefined
        }
        interface BizBroadcastInsightsContactListResponse extends IBizBroadcastInsightsContactListResponse {}
        class BizBroadcastInsightsContactListResponse extends Kind<IBizBroadcastInsightsContactListResponse> {
          contacts: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.IBizBroadcastInsightsContactState[]
        }
        interface IBizBroadcastInsightsContactState {
          contactJid?: string | null | undefined
          state?: proto.Message.InsightDeliveryState | null | undefined
        }
        interface BizBroadcastInsightsContactState extends IBizBroadcastInsightsContactState {}
        class BizBroadcastInsightsContactState extends Kind<IBizBroadcastInsightsContactState> {}
        interface ICompanionCanonicalUserNonceFetchResponse {
          nonce?: string | null | undefined
          waFbid?: string | null | undefined
          forceRefresh?: boolean | null | undefined
        }
        interface CompanionCanonicalUserNonceFetchResponse extends ICompanionCanonicalUserNonceFetchResponse {}
        class CompanionCanonicalUserNonceFetchResponse extends Kind<ICompanionCanonicalUserNonceFetchResponse> {}
        interface ICompanionMetaNonceFetchResponse {
          nonce?: string | null | undefined
        }
        interface CompanionMetaNonceFetchResponse extends ICompanionMetaNonceFetchResponse {}
        class CompanionMetaNonceFetchResponse extends Kind<ICompanionMetaNonceFetchResponse> {}
        interface IFlowResponsesCsvBundle {
          flowId?: string | null | undefined
          galaxyFlowDownloadRequestId?: string | null | undefined
          fileName?: string | null | undefined
          mimetype?: string | null | undefined
          fileSha256?: Uint8Array | null | undefined
          mediaKey?: Uint8Array | null | undefined
          fileEncSha256?: Uint8Array | null | undefined
          directPath?: string | null | undefined
          mediaKeyTimestamp?: number | Long | null | undefined
          fileLength?: number | Long | null | undefined
        }
        interface FlowResponsesCsvBundle extends IFlowResponsesCsvBundle {}
        class FlowResponsesCsvBundle extends Kind<IFlowResponsesCsvBundle> {}
        interface IFullHistorySyncOnDemandRequestResponse {
          requestMetadata?: proto.Message.IFullHistorySyncOnDemandRequestMetadata | null | undefined
          responseCode?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.FullHistorySyncOnDemandResponseCode | null | undefined
        }
        interface FullHistorySyncOnDemandRequestResponse extends IFullHistorySyncOnDemandRequestResponse {}
        class FullHistorySyncOnDemandRequestResponse extends Kind<IFullHistorySyncOnDemandRequestResponse> {}
        enum FullHistorySyncOnDemandResponseCode {
          REQUEST_SUCCESS = 0,
          REQUEST_TIME_EXPIRED = 1,
          DECLINED_SHARING_HISTORY = 2,
          GENERIC_ERROR = 3,
          ERROR_REQUEST_ON_NON_SMB_PRIMARY = 4,
          ERROR_HOSTED_DEVICE_NOT_CONNECTED = 5,
          ERROR_HOSTED_DEVICE_LOGIN_TIME_NOT_SET = 6,
          ERROR_MULTI_PROVIDER_NOT_CONFIGURED = 7,
        }
        interface IHistorySyncChunkRetryResponse {
          syncType?: proto.Message.HistorySyncType | null | undefined
          chunkOrder?: number | null | undefined
          requestId?: string | null | undefined
          responseCode?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.HistorySyncChunkRetryResponseCode | null | undefined
          canRecover?: boolean | null | undefined
        }
        interface HistorySyncChunkRetryResponse extends IHistorySyncChunkRetryResponse {}
        class HistorySyncChunkRetryResponse extends Kind<IHistorySyncChunkRetryResponse> {}
        enum HistorySyncChunkRetryResponseCode {
          GENERATION_ERROR = 1,
          CHUNK_CONSUMED = 2,
          TIMEOUT = 3,
          SESSION_EXHAUSTED = 4,
          CHUNK_EXHAUSTED = 5,
          DUPLICATED_REQUEST = 6,
        }
        interface ILinkPreviewResponse {
          url?: string | null | undefined
          title?: string | null | undefined
          description?: string | null | undefined
          thumbData?: Uint8Array | null | undefined
          matchText?: string | null | undefined
          previewType?: string | null | undefined
          hqThumbnail?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.LinkPreviewResponse.ILinkPreviewHighQualityThumbnail | null | undefined
          previewMetadata?: proto.Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult.LinkPreviewResponse.IPaymentLinkPreviewMetadata | null | undefined
        }
        interface LinkPreviewResponse extends ILinkPreviewResponse {}
        class LinkPreviewResponse extends Kind<ILinkPreviewResponse> {}
        namespace LinkPreviewResponse {
          interface ILinkPreviewHighQualityThumbnail {
            directPath?: string | null | undefined
            thumbHash?: string | null | undefined
            encThumbHash?: string | null | undefined
            mediaKey?: Uint8Array | null | undefined
            mediaKeyTimestampMs?: number | Long | null | undefined
            thumbWidth?: number | null | undefined
            thumbHeight?: number | null | undefined
          }
          interface LinkPreviewHighQualityThumbnail extends ILinkPreviewHighQualityThumbnail {}
          class LinkPreviewHighQualityThumbnail extends Kind<ILinkPreviewHighQualityThumbnail> {}
          interface IPaymentLinkPreviewMetadata {
            isBusinessVerified?: boolean | null | undefined
            providerName?: string | null | undefined
            amount?: string | null | undefined
            offset?: string | null | undefined
            currency?: string | null | undefined
          }
          interface PaymentLinkPreviewMetadata extends IPaymentLinkPreviewMetadata {}
          class PaymentLinkPreviewMetadata extends Kind<IPaymentLinkPreviewMetadata> {}
        }
        interface IPlaceholderMessageResendResponse {
          webMessageInfoBytes?: Uint8Array | null | undefined
        }
        interface PlaceholderMessageResendResponse extends IPlaceholderMessageResendResponse {}
        class PlaceholderMessageResendResponse extends Kind<IPlaceholderMessageResendResponse> {}
        interface ISyncDSnapshotFatalRecoveryResponse {
          collectionSnapshot?: Uint8Array | null | undefined
          isCompressed?: boolean | null | undefined
        }
        interface SyncDSnapshotFatalRecoveryResponse extends ISyncDSnapshotFatalRecoveryResponse {}
        class SyncDSnapshotFatalRecoveryResponse extends Kind<ISyncDSnapshotFatalRecoveryResponse> {}
        interface IWaffleNonceFetchResponse {
          nonce?: string | null | undefined
          waEntFbid?: string | null | undefined
        }
        interface WaffleNonceFetchResponse extends IWaffleNonceFetchResponse {}
        class WaffleNonceFetchResponse extends Kind<IWaffleNonceFetchResponse> {}
      }
    }
    enum PeerDataOperationRequestType {
      UPLOAD_STICKER = 0,
      SEND_RECENT_STICKER_BOOTSTRAP = 1,
      GENERATE_LINK_PREVIEW = 2,
      HISTORY_SYNC_ON_DEMAND = 3,
      PLACEHOLDER_MESSAGE_RESEND = 4,
      WAFFLE_LINKING_NONCE_FETCH = 5,
      FULL_HISTORY_SYNC_ON_DEMAND = 6,
      COMPANION_META_NONCE_FETCH = 7,
      COMPANION_SYNCD_SNAPSHOT_FATAL_RECOVERY = 8,
      COMPANION_CANONICAL_USER_NONCE_FETCH = 9,
      HISTORY_SYNC_CHUNK_RETRY = 10,
      GALAXY_FLOW_ACTION = 11,
      BUSINESS_BROADCAST_INSIGHTS_DELIVERED_TO = 12,
      BUSINESS_BROADCAST_INSIGHTS_REFRESH = 13,
    }
    interface IPinInChatMessage {
      key?: proto.IMessageKey | null | undefined
      type?: proto.Message.PinInChatMessage.Type | null | undefined
      senderTimestampMs?: number | Long | null | undefined
    }
    interface PinInChatMessage extends IPinInChatMessage {}
    class PinInChatMessage extends Kind<IPinInChatMessage> {}
    namespace PinInChatMessage {
      enum Type {
        UNKNOWN_TYPE = 0,
        PIN_FOR_ALL = 1,
        UNPIN_FOR_ALL = 2,
      }
    }
    interface IPlaceholderMessage {
      type?: proto.Message.PlaceholderMessage.PlaceholderType | null | undefined
    }
    interface PlaceholderMessage extends IPlaceholderMessage {}
    class PlaceholderMessage extends Kind<IPlaceholderMessage> {}
    namespace PlaceholderMessage {
      enum PlaceholderType {
        MASK_LINKED_DEVICES = 0,
      }
    }
    interface IPollAddOptionMessage {
      pollCreationMessageKey?: proto.IMessageKey | null | undefined
      addOption?: proto.Message.PollCreationMessage.IOption | null | undefined
      metadata?: proto.Message.IPollUpdateMessageMetadata | null | undefined
    }
    interface PollAddOptionMessage extends IPollAddOptionMessage {}
    class PollAddOptionMessage extends Kind<IPollAddOptionMessage> {}
    enum PollContentType {
      UNKNOWN = 0,
      TEXT = 1,
      IMAGE = 2,
    }
    interface IPollCreationMessage {
      encKey?: Uint8Array | null | undefined
      name?: string | null | undefined
      options?: proto.Message.PollCreationMessage.IOption[] | null | undefined
      selectableOptionsCount?: number | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      pollContentType?: proto.Message.PollContentType | null | undefined
      pollType?: proto.Message.PollType | null | undefined
      correctAnswer?: proto.Message.PollCreationMessage.IOption | null | undefined
      endTime?: number | Long | null | undefined
      hideParticipantName?: boolean | null | undefined
      allowAddOption?: boolean | null | undefined
    }
    interface PollCreationMessage extends IPollCreationMessage {}
    class PollCreationMessage extends Kind<IPollCreationMessage> {
      options: proto.Message.PollCreationMessage.IOption[]
    }
    namespace PollCreationMessage {
      interface IOption {
        optionName?: string | null | undefined
        optionHash?: string | null | undefined
      }
      interface Option extends IOption {}
      class Option extends Kind<IOption> {}
    }
    interface IPollEncValue {
      encPayload?: Uint8Array | null | undefined
      encIv?: Uint8Array | null | undefined
    }
    interface PollEncValue extends IPollEncValue {}
    class PollEncValue extends Kind<IPollEncValue> {}
    interface IPollResultSnapshotMessage {
      name?: string | null | undefined
      pollVotes?: proto.Message.PollResultSnapshotMessage.IPollVote[] | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      pollType?: proto.Message.PollType | null | undefined
    }
    interface PollResultSnapshotMessage extends IPollResultSnapshotMessage {}
    class PollResultSnapshotMessage extends Kind<IPollResultSnapshotMessage> {
      pollVotes: proto.Message.PollResultSnapshotMessage.IPollVote[]
    }
    namespace PollResultSnapshotMessage {
      interface IPollVote {
        optionName?: string | null | undefined
        optionVoteCount?: number | Long | null | undefined
      }
      interface PollVote extends IPollVote {}
      class PollVote extends Kind<IPollVote> {}
    }
    enum PollType {
      POLL = 0,
      QUIZ = 1,
    }
    interface IPollUpdateMessage {
      pollCreationMessageKey?: proto.IMessageKey | null | undefined
      vote?: proto.Message.IPollEncValue | null | undefined
      metadata?: proto.Message.IPollUpdateMessageMetadata | null | undefined
      senderTimestampMs?: number | Long | null | undefined
    }
    interface PollUpdateMessage extends IPollUpdateMessage {}
    class PollUpdateMessage extends Kind<IPollUpdateMessage> {}
    interface IPollUpdateMessageMetadata {
      pollNameHash?: Uint8Array | null | undefined
      lastEditStanzaId?: string | null | undefined
    }
    interface PollUpdateMessageMetadata extends IPollUpdateMessageMetadata {}
    class PollUpdateMessageMetadata extends Kind<IPollUpdateMessageMetadata> {}
    interface IPollVoteMessage {
      selectedOptions?: Uint8Array[] | null | undefined
    }
    interface PollVoteMessage extends IPollVoteMessage {}
    class PollVoteMessage extends Kind<IPollVoteMessage> {
      selectedOptions: Uint8Array[]
    }
    interface IProductMessage {
      product?: proto.Message.ProductMessage.IProductSnapshot | null | undefined
      businessOwnerJid?: string | null | undefined
      catalog?: proto.Message.ProductMessage.ICatalogSnapshot | null | undefined
      body?: string | null | undefined
      footer?: string | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
    }
    interface ProductMessage extends IProductMessage {}
    class ProductMessage extends Kind<IProductMessage> {}
    namespace ProductMessage {
      interface ICatalogSnapshot {
        catalogImage?: proto.Message.IImageMessage | null | undefined
        title?: string | null | undefined
        description?: string | null | undefined
      }
      interface CatalogSnapshot extends ICatalogSnapshot {}
      class CatalogSnapshot extends Kind<ICatalogSnapshot> {}
      interface IProductSnapshot {
        productImage?: proto.Message.IImageMessage | null | undefined
        productId?: string | null | undefined
        title?: string | null | undefined
        description?: string | null | undefined
        currencyCode?: string | null | undefined
        priceAmount1000?: number | Long | null | undefined
        retailerId?: string | null | undefined
        url?: string | null | undefined
        productImageCount?: number | null | undefined
        firstImageId?: string | null | undefined
        salePriceAmount1000?: number | Long | null | undefined
        signedUrl?: string | null | undefined
      }
      interface ProductSnapshot extends IProductSnapshot {}
      class ProductSnapshot extends Kind<IProductSnapshot> {}
    }
    interface IProtocolMessage {
      key?: proto.IMessageKey | null | undefined
      type?: proto.Message.ProtocolMessage.Type | null | undefined
      ephemeralExpiration?: number | null | undefined
      ephemeralSettingTimestamp?: number | Long | null | undefined
      historySyncNotification?: proto.Message.IHistorySyncNotification | null | undefined
      appStateSyncKeyShare?: proto.Message.IAppStateSyncKeyShare | null | undefined
      appStateSyncKeyRequest?: proto.Message.IAppStateSyncKeyRequest | null | undefined
      initialSecurityNotificationSettingSync?: proto.Message.IInitialSecurityNotificationSettingSync | null | undefined
      appStateFatalExceptionNotification?: proto.Message.IAppStateFatalExceptionNotification | null | undefined
      disappearingMode?: proto.IDisappearingMode | null | undefined
      editedMessage?: proto.IMessage | null | undefined
      timestampMs?: number | Long | null | undefined
      peerDataOperationRequestMessage?: proto.Message.IPeerDataOperationRequestMessage | null | undefined
      peerDataOperationRequestResponseMessage?: proto.Message.IPeerDataOperationRequestResponseMessage | null | undefined
      botFeedbackMessage?: proto.IBotFeedbackMessage | null | undefined
      invokerJid?: string | null | undefined
      requestWelcomeMessageMetadata?: proto.Message.IRequestWelcomeMessageMetadata | null | undefined
      mediaNotifyMessage?: proto.IMediaNotifyMessage | null | undefined
      cloudApiThreadControlNotification?: proto.Message.ICloudAPIThreadControlNotification | null | undefined
      lidMigrationMappingSyncMessage?: proto.ILIDMigrationMappingSyncMessage | null | undefined
      limitSharing?: proto.ILimitSharing | null | undefined
      aiPsiMetadata?: Uint8Array | null | undefined
      aiQueryFanout?: proto.IAIQueryFanout | null | undefined
      memberLabel?: proto.IMemberLabel | null | undefined
      aiMediaCollectionMessage?: proto.IAIMediaCollectionMessage | null | undefined
      afterReadDuration?: number | null | undefined
      chatThemeSetting?: proto.Message.IChatThemeSetting | null | undefined
      aiMetadataOperation?: proto.IAIMetadataOperation | null | undefined
    }
    interface ProtocolMessage extends IProtocolMessage {}
    class ProtocolMessage extends Kind<IProtocolMessage> {}
    namespace ProtocolMessage {
      enum Type {
        REVOKE = 0,
        EPHEMERAL_SETTING = 3,
        EPHEMERAL_SYNC_RESPONSE = 4,
        HISTORY_SYNC_NOTIFICATION = 5,
        APP_STATE_SYNC_KEY_SHARE = 6,
        APP_STATE_SYNC_KEY_REQUEST = 7,
        MSG_FANOUT_BACKFILL_REQUEST = 8,
        INITIAL_SECURITY_NOTIFICATION_SETTING_SYNC = 9,
        APP_STATE_FATAL_EXCEPTION_NOTIFICATION = 10,
        SHARE_PHONE_NUMBER = 11,
        MESSAGE_EDIT = 14,
        PEER_DATA_OPERATION_REQUEST_MESSAGE = 16,
        PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE = 17,
        REQUEST_WELCOME_MESSAGE = 18,
        BOT_FEEDBACK_MESSAGE = 19,
        MEDIA_NOTIFY_MESSAGE = 20,
        CLOUD_API_THREAD_CONTROL_NOTIFICATION = 21,
        LID_MIGRATION_MAPPING_SYNC = 22,
        REMINDER_MESSAGE = 23,
        BOT_MEMU_ONBOARDING_MESSAGE = 24,
        STATUS_MENTION_MESSAGE = 25,
        STOP_GENERATION_MESSAGE = 26,
        LIMIT_SHARING = 27,
        AI_PSI_METADATA = 28,
        AI_QUERY_FANOUT = 29,
        GROUP_MEMBER_LABEL_CHANGE = 30,
        AI_MEDIA_COLLECTION_MESSAGE = 31,
        MESSAGE_UNSCHEDULE = 32,
        CHAT_THEME_SETTING = 34,
        AI_METADATA_OPERATION = 35,
      }
    }
    interface IQuestionResponseMessage {
      key?: proto.IMessageKey | null | undefined
      text?: string | null | undefined
    }
    interface QuestionResponseMessage extends IQuestionResponseMessage {}
    class QuestionResponseMessage extends Kind<IQuestionResponseMessage> {}
    interface IReactionMessage {
      key?: proto.IMessageKey | null | undefined
      text?: string | null | undefined
      groupingKey?: string | null | undefined
      senderTimestampMs?: number | Long | null | undefined
    }
    interface ReactionMessage extends IReactionMessage {}
    class ReactionMessage extends Kind<IReactionMessage> {}
    interface IRequestPaymentMessage {
      noteMessage?: proto.IMessage | null | undefined
      currencyCodeIso4217?: string | null | undefined
      amount1000?: number | Long | null | undefined
      requestFrom?: string | null | undefined
      expiryTimestamp?: number | Long | null | undefined
      amount?: proto.IMoney | null | undefined
      background?: proto.IPaymentBackground | null | undefined
    }
    interface RequestPaymentMessage extends IRequestPaymentMessage {}
    class RequestPaymentMessage extends Kind<IRequestPaymentMessage> {}
    interface IRequestPhoneNumberMessage {
      contextInfo?: proto.IContextInfo | null | undefined
    }
    interface RequestPhoneNumberMessage extends IRequestPhoneNumberMessage {}
    class RequestPhoneNumberMessage extends Kind<IRequestPhoneNumberMessage> {}
    interface IRequestWelcomeMessageMetadata {
      localChatState?: proto.Message.RequestWelcomeMessageMetadata.LocalChatState | null | undefined
      welcomeTrigger?: proto.Message.RequestWelcomeMessageMetadata.WelcomeTrigger | null | undefined
      botAgentMetadata?: proto.IBotAgentMetadata | null | undefined
    }
    interface RequestWelcomeMessageMetadata extends IRequestWelcomeMessageMetadata {}
    class RequestWelcomeMessageMetadata extends Kind<IRequestWelcomeMessageMetadata> {}
    namespace RequestWelcomeMessageMetadata {
      enum LocalChatState {
        EMPTY = 0,
        NON_EMPTY = 1,
      }
      enum WelcomeTrigger {
        CHAT_OPEN = 0,
        COMPANION_PAIRING = 1,
      }
    }
    interface IRootSecretDistributeMessage {
      chatJid?: string | null | undefined
    }
    interface RootSecretDistributeMessage extends IRootSecretDistributeMessage {}
    class RootSecretDistributeMessage extends Kind<IRootSecretDistributeMessage> {}
    interface IScheduledCallCreationMessage {
      scheduledTimestampMs?: number | Long | null | undefined
      callType?: proto.Message.ScheduledCallCreationMessage.CallType | null | undefined
      title?: string | null | undefined
    }
    interface ScheduledCallCreationMessage extends IScheduledCallCreationMessage {}
    class ScheduledCallCreationMessage extends Kind<IScheduledCallCreationMessage> {}
    namespace ScheduledCallCreationMessage {
      enum CallType {
        UNKNOWN = 0,
        VOICE = 1,
        VIDEO = 2,
      }
    }
    interface IScheduledCallEditMessage {
      key?: proto.IMessageKey | null | undefined
      editType?: proto.Message.ScheduledCallEditMessage.EditType | null | undefined
    }
    interface ScheduledCallEditMessage extends IScheduledCallEditMessage {}
    class ScheduledCallEditMessage extends Kind<IScheduledCallEditMessage> {}
    namespace ScheduledCallEditMessage {
      enum EditType {
        UNKNOWN = 0,
        CANCEL = 1,
      }
    }
    interface ISecretEncryptedMessage {
      targetMessageKey?: proto.IMessageKey | null | undefined
      encPayload?: Uint8Array | null | undefined
      encIv?: Uint8Array | null | undefined
      secretEncType?: proto.Message.SecretEncryptedMessage.SecretEncType | null | undefined
      remoteKeyId?: string | null | undefined
    }
    interface SecretEncryptedMessage extends ISecretEncryptedMessage {}
    class SecretEncryptedMessage extends Kind<ISecretEncryptedMessage> {}
    namespace SecretEncryptedMessage {
      enum SecretEncType {
        UNKNOWN = 0,
        EVENT_EDIT = 1,
        MESSAGE_EDIT = 2,
        MESSAGE_SCHEDULE = 3,
        POLL_EDIT = 4,
        POLL_ADD_OPTION = 5,
      }
    }
    interface ISendPaymentMessage {
      noteMessage?: proto.IMessage | null | undefined
      requestMessageKey?: proto.IMessageKey | null | undefined
      background?: proto.IPaymentBackground | null | undefined
      transactionData?: string | null | undefined
    }
    interface SendPaymentMessage extends ISendPaymentMessage {}
    class SendPaymentMessage extends Kind<ISendPaymentMessage> {}
    interface ISenderKeyDistributionMessage {
      groupId?: string | null | undefined
      axolotlSenderKeyDistributionMessage?: Uint8Array | null | undefined
    }
    interface SenderKeyDistributionMessage extends ISenderKeyDistributionMessage {}
    class SenderKeyDistributionMessage extends Kind<ISenderKeyDistributionMessage> {}
    interface ISplitPaymentMessage {
      splitId?: string | null | undefined
      totalAmount?: proto.IMoney | null | undefined
      description?: string | null | undefined
      requesterJid?: string | null | undefined
      participants?: proto.Message.ISplitPaymentParticipant[] | null | undefined
      createdAtMs?: number | Long | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
    }
    interface SplitPaymentMessage extends ISplitPaymentMessage {}
    class SplitPaymentMessage extends Kind<ISplitPaymentMessage> {
      participants: proto.Message.ISplitPaymentParticipant[]
    }
    interface ISplitPaymentParticipant {
      jid?: string | null | undefined
      amount?: proto.IMoney | null | undefined
      status?: proto.Message.SplitPaymentParticipant.SplitPaymentStatus | null | undefined
    }
    interface SplitPaymentParticipant extends ISplitPaymentParticipant {}
    class SplitPaymentParticipant extends Kind<ISplitPaymentParticipant> {}
    namespace SplitPaymentParticipant {
      enum SplitPaymentStatus {
        PENDING = 0,
        PAID = 1,
      }
    }
    interface IStatusNotificationMessage {
      responseMessageKey?: proto.IMessageKey | null | undefined
      originalMessageKey?: proto.IMessageKey | null | undefined
      type?: proto.Message.StatusNotificationMessage.StatusNotificationType | null | undefined
    }
    interface StatusNotificationMessage extends IStatusNotificationMessage {}
    class StatusNotificationMessage extends Kind<IStatusNotificationMessage> {}
    namespace StatusNotificationMessage {
      enum StatusNotificationType {
        UNKNOWN = 0,
        STATUS_ADD_YOURS = 1,
        STATUS_RESHARE = 2,
        STATUS_QUESTION_ANSWER_RESHARE = 3,
      }
    }
    interface IStatusQuestionAnswerMessage {
      key?: proto.IMessageKey | null | undefined
      text?: string | null | undefined
    }
    interface StatusQuestionAnswerMessage extends IStatusQuestionAnswerMessage {}
    class StatusQuestionAnswerMessage extends Kind<IStatusQuestionAnswerMessage> {}
    interface IStatusQuotedMessage {
      type?: proto.Message.StatusQuotedMessage.StatusQuotedMessageType | null | undefined
      text?: string | null | undefined
      thumbnail?: Uint8Array | null | undefined
      originalStatusId?: proto.IMessageKey | null | undefined
    }
    interface StatusQuotedMessage extends IStatusQuotedMessage {}
    class StatusQuotedMessage extends Kind<IStatusQuotedMessage> {}
    namespace StatusQuotedMessage {
      enum StatusQuotedMessageType {
        QUESTION_ANSWER = 1,
      }
    }
    interface IStatusStickerInteractionMessage {
      key?: proto.IMessageKey | null | undefined
      stickerKey?: string | null | undefined
      type?: proto.Message.StatusStickerInteractionMessage.StatusStickerType | null | undefined
    }
    interface StatusStickerInteractionMessage extends IStatusStickerInteractionMessage {}
    class StatusStickerInteractionMessage extends Kind<IStatusStickerInteractionMessage> {}
    namespace StatusStickerInteractionMessage {
      enum StatusStickerType {
        UNKNOWN = 0,
        REACTION = 1,
      }
    }
    interface IStickerMessage {
      url?: string | null | undefined
      fileSha256?: Uint8Array | null | undefined
      fileEncSha256?: Uint8Array | null | undefined
      mediaKey?: Uint8Array | null | undefined
      mimetype?: string | null | undefined
      height?: number | null | undefined
      width?: number | null | undefined
      directPath?: string | null | undefined
      fileLength?: number | Long | null | undefined
      mediaKeyTimestamp?: number | Long | null | undefined
      firstFrameLength?: number | null | undefined
      firstFrameSidecar?: Uint8Array | null | undefined
      isAnimated?: boolean | null | undefined
      pngThumbnail?: Uint8Array | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      stickerSentTs?: number | Long | null | undefined
      isAvatar?: boolean | null | undefined
      isAiSticker?: boolean | null | undefined
      isLottie?: boolean | null | undefined
      accessibilityLabel?: string | null | undefined
      premium?: number | null | undefined
      emojis?: string | null | undefined
    }
    interface StickerMessage extends IStickerMessage {}
    class StickerMessage extends Kind<IStickerMessage> {}
    interface IStickerPackMessage {
      stickerPackId?: string | null | undefined
      name?: string | null | undefined
      publisher?: string | null | undefined
      stickers?: proto.Message.StickerPackMessage.ISticker[] | null | undefined
      fileLength?: number | Long | null | undefined
      fileSha256?: Uint8Array | null | undefined
      fileEncSha256?: Uint8Array | null | undefined
      mediaKey?: Uint8Array | null | undefined
      directPath?: string | null | undefined
      caption?: string | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      packDescription?: string | null | undefined
      mediaKeyTimestamp?: number | Long | null | undefined
      trayIconFileName?: string | null | undefined
      thumbnailDirectPath?: string | null | undefined
      thumbnailSha256?: Uint8Array | null | undefined
      thumbnailEncSha256?: Uint8Array | null | undefined
      thumbnailHeight?: number | null | undefined
      thumbnailWidth?: number | null | undefined
      imageDataHash?: string | null | undefined
      stickerPackSize?: number | Long | null | undefined
      stickerPackOrigin?: proto.Message.StickerPackMessage.StickerPackOrigin | null | undefined
    }
    interface StickerPackMessage extends IStickerPackMessage {}
    class StickerPackMessage extends Kind<IStickerPackMessage> {
      stickers: proto.Message.StickerPackMessage.ISticker[]
    }
    namespace StickerPackMessage {
      interface ISticker {
        fileName?: string | null | undefined
        isAnimated?: boolean | null | undefined
        emojis?: string[] | null | undefined
        accessibilityLabel?: string | null | undefined
        isLottie?: boolean | null | undefined
        mimetype?: string | null | undefined
        premium?: number | null | undefined
      }
      interface Sticker extends ISticker {}
      class Sticker extends Kind<ISticker> {
        emojis: string[]
      }
      enum StickerPackOrigin {
        FIRST_PARTY = 0,
        THIRD_PARTY = 1,
        USER_CREATED = 2,
      }
    }
    interface IStickerSyncRMRMessage {
      filehash?: string[] | null | undefined
      rmrSource?: string | null | undefined
      requestTimestamp?: number | Long | null | undefined
    }
    interface StickerSyncRMRMessage extends IStickerSyncRMRMessage {}
    class StickerSyncRMRMessage extends Kind<IStickerSyncRMRMessage> {
      filehash: string[]
    }
    interface ITemplateButtonReplyMessage {
      selectedId?: string | null | undefined
      selectedDisplayText?: string | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      selectedIndex?: number | null | undefined
      selectedCarouselCardIndex?: number | null | undefined
    }
    interface TemplateButtonReplyMessage extends ITemplateButtonReplyMessage {}
    class TemplateButtonReplyMessage extends Kind<ITemplateButtonReplyMessage> {}
    interface ITemplateMessage {
      contextInfo?: proto.IContextInfo | null | undefined
      hydratedTemplate?: proto.Message.TemplateMessage.IHydratedFourRowTemplate | null | undefined
      templateId?: string | null | undefined
      fourRowTemplate?: proto.Message.TemplateMessage.IFourRowTemplate | null | undefined
      hydratedFourRowTemplate?: proto.Message.TemplateMessage.IHydratedFourRowTemplate | null | undefined
      interactiveMessageTemplate?: proto.Message.IInteractiveMessage | null | undefined
    }
    interface TemplateMessage extends ITemplateMessage {}
    class TemplateMessage extends Kind<ITemplateMessage> {
      format?: 'fourRowTemplate' | 'hydratedFourRowTemplate' | 'interactiveMessageTemplate' | undefined
    }
    namespace TemplateMessage {
      interface IFourRowTemplate {
        content?: proto.Message.IHighlyStructuredMessage | null | undefined
        footer?: proto.Message.IHighlyStructuredMessage | null | undefined
        buttons?: proto.ITemplateButton[] | null | undefined
        documentMessage?: proto.Message.IDocumentMessage | null | undefined
        highlyStructuredMessage?: proto.Message.IHighlyStructuredMessage | null | undefined
        imageMessage?: proto.Message.IImageMessage | null | undefined
        videoMessage?: proto.Message.IVideoMessage | null | undefined
        locationMessage?: proto.Message.ILocationMessage | null | undefined
      }
      interface FourRowTemplate extends IFourRowTemplate {}
      class FourRowTemplate extends Kind<IFourRowTemplate> {
        buttons: proto.ITemplateButton[]
        title?: 'documentMessage' | 'highlyStructuredMessage' | 'imageMessage' | 'videoMessage' | 'locationMessage' | undefined
      }
      interface IHydratedFourRowTemplate {
        hydratedContentText?: string | null | undefined
        hydratedFooterText?: string | null | undefined
        hydratedButtons?: proto.IHydratedTemplateButton[] | null | undefined
        templateId?: string | null | undefined
        maskLinkedDevices?: boolean | null | undefined
        documentMessage?: proto.Message.IDocumentMessage | null | undefined
        hydratedTitleText?: string | null | undefined
        imageMessage?: proto.Message.IImageMessage | null | undefined
        videoMessage?: proto.Message.IVideoMessage | null | undefined
        locationMessage?: proto.Message.ILocationMessage | null | undefined
      }
      interface HydratedFourRowTemplate extends IHydratedFourRowTemplate {}
      class HydratedFourRowTemplate extends Kind<IHydratedFourRowTemplate> {
        hydratedButtons: proto.IHydratedTemplateButton[]
        title?: 'documentMessage' | 'hydratedTitleText' | 'imageMessage' | 'videoMessage' | 'locationMessage' | undefined
      }
    }
    interface IURLMetadata {
      fbExperimentId?: number | null | undefined
    }
    interface URLMetadata extends IURLMetadata {}
    class URLMetadata extends Kind<IURLMetadata> {}
    interface IVideoEndCard {
      username?: string | null | undefined
      caption?: string | null | undefined
      thumbnailImageUrl?: string | null | undefined
      profilePictureUrl?: string | null | undefined
    }
    interface VideoEndCard extends IVideoEndCard {}
    class VideoEndCard extends Kind<IVideoEndCard> {
      username: string
      caption: string
      thumbnailImageUrl: string
      profilePictureUrl: string
    }
    interface IVideoMessage {
      url?: string | null | undefined
      mimetype?: string | null | undefined
      fileSha256?: Uint8Array | null | undefined
      fileLength?: number | Long | null | undefined
      seconds?: number | null | undefined
      mediaKey?: Uint8Array | null | undefined
      caption?: string | null | undefined
      gifPlayback?: boolean | null | undefined
      height?: number | null | undefined
      width?: number | null | undefined
      fileEncSha256?: Uint8Array | null | undefined
      interactiveAnnotations?: proto.IInteractiveAnnotation[] | null | undefined
      directPath?: string | null | undefined
      mediaKeyTimestamp?: number | Long | null | undefined
      jpegThumbnail?: Uint8Array | null | undefined
      contextInfo?: proto.IContextInfo | null | undefined
      streamingSidecar?: Uint8Array | null | undefined
      gifAttribution?: proto.Message.VideoMessage.Attribution | null | undefined
      viewOnce?: boolean | null | undefined
      thumbnailDirectPath?: string | null | undefined
      thumbnailSha256?: Uint8Array | null | undefined
      thumbnailEncSha256?: Uint8Array | null | undefined
      staticUrl?: string | null | undefined
      annotations?: proto.IInteractiveAnnotation[] | null | undefined
      accessibilityLabel?: string | null | undefined
      processedVideos?: proto.IProcessedVideo[] | null | undefined
      externalShareFullVideoDurationInSeconds?: number | null | undefined
      motionPhotoPresentationOffsetMs?: number | Long | null | undefined
      metadataUrl?: string | null | undefined
      videoSourceType?: proto.Message.VideoMessage.VideoSourceType | null | undefined
    }
    interface VideoMessage extends IVideoMessage {}
    class VideoMessage extends Kind<IVideoMessage> {
      interactiveAnnotations: proto.IInteractiveAnnotation[]
      annotations: proto.IInteractiveAnnotation[]
      processedVideos: proto.IProcessedVideo[]
    }
    namespace VideoMessage {
      enum Attribution {
        NONE = 0,
        GIPHY = 1,
        TENOR = 2,
        KLIPY = 3,
      }
      enum VideoSourceType {
        USER_VIDEO = 0,
        AI_GENERATED = 1,
      }
    }
    enum MediaKeyDomain {
      UNSET = 0,
      E2EE_CHAT = 1,
      STATUS = 2,
      CAPI = 3,
      BOT = 4,
    }
  }
  interface IMessageAddOn {
    messageAddOnType?: proto.MessageAddOn.MessageAddOnType | null | undefined
    messageAddOn?: proto.IMessage | null | undefined
    senderTimestampMs?: number | Long | null | undefined
    serverTimestampMs?: number | Long | null | undefined
    status?: proto.WebMessageInfo.Status | null | undefined
    addOnContextInfo?: proto.IMessageAddOnContextInfo | null | undefined
    messageAddOnKey?: proto.IMessageKey | null | undefined
    legacyMessage?: proto.ILegacyMessage | null | undefined
  }
  interface MessageAddOn extends IMessageAddOn {}
  class MessageAddOn extends Kind<IMessageAddOn> {}
  namespace MessageAddOn {
    enum MessageAddOnType {
      UNDEFINED = 0,
      REACTION = 1,
      EVENT_RESPONSE = 2,
      POLL_UPDATE = 3,
      PIN_IN_CHAT = 4,
    }
  }
  interface IMessageAddOnContextInfo {
    messageAddOnDurationInSecs?: number | null | undefined
    messageAddOnExpiryType?: proto.MessageContextInfo.MessageAddonExpiryType | null | undefined
  }
  interface MessageAddOnContextInfo extends IMessageAddOnContextInfo {}
  class MessageAddOnContextInfo extends Kind<IMessageAddOnContextInfo> {}
  interface IMessageAssociation {
    associationType?: proto.MessageAssociation.AssociationType | null | undefined
    parentMessageKey?: proto.IMessageKey | null | undefined
    messageIndex?: number | null | undefined
  }
  interface MessageAssociation extends IMessageAssociation {}
  class MessageAssociation extends Kind<IMessageAssociation> {}
  namespace MessageAssociation {
    enum AssociationType {
      UNKNOWN = 0,
      MEDIA_ALBUM = 1,
      BOT_PLUGIN = 2,
      EVENT_COVER_IMAGE = 3,
      STATUS_POLL = 4,
      HD_VIDEO_DUAL_UPLOAD = 5,
      STATUS_EXTERNAL_RESHARE = 6,
      MEDIA_POLL = 7,
      STATUS_ADD_YOURS = 8,
      STATUS_NOTIFICATION = 9,
      HD_IMAGE_DUAL_UPLOAD = 10,
      STICKER_ANNOTATION = 11,
      MOTION_PHOTO = 12,
      STATUS_LINK_ACTION = 13,
      VIEW_ALL_REPLIES = 14,
      STATUS_ADD_YOURS_AI_IMAGINE = 15,
      STATUS_QUESTION = 16,
      STATUS_ADD_YOURS_DIWALI = 17,
      STATUS_REACTION = 18,
      HEVC_VIDEO_DUAL_UPLOAD = 19,
      POLL_ADD_OPTION = 20,
    }
  }
  interface IMessageContextInfo {
    deviceListMetadata?: proto.IDeviceListMetadata | null | undefined
    deviceListMetadataVersion?: number | null | undefined
    messageSecret?: Uint8Array | null | undefined
    paddingBytes?: Uint8Array | null | undefined
    messageAddOnDurationInSecs?: number | null | undefined
    botMessageSecret?: Uint8Array | null | undefined
    botMetadata?: proto.IBotMetadata | null | undefined
    reportingTokenVersion?: number | null | undefined
    messageAddOnExpiryType?: proto.MessageContextInfo.MessageAddonExpiryType | null | undefined
    messageAssociation?: proto.IMessageAssociation | null | undefined
    capiCreatedGroup?: boolean | null | undefined
    supportPayload?: string | null | undefined
    limitSharing?: proto.ILimitSharing | null | undefined
    limitSharingV2?: proto.ILimitSharing | null | undefined
    threadId?: proto.IThreadID[] | null | undefined
    weblinkRenderConfig?: proto.WebLinkRenderConfig | null | undefined
    teeBotMetadata?: Uint8Array | null | undefined
  }
  interface MessageContextInfo extends IMessageContextInfo {}
  class MessageContextInfo extends Kind<IMessageContextInfo> {
    threadId: proto.IThreadID[]
  }
  namespace MessageContextInfo {
    enum MessageAddonExpiryType {
      STATIC = 1,
      DEPENDENT_ON_PARENT = 2,
    }
  }
  interface IMessageKey {
    remoteJid?: string | null | undefined
    fromMe?: boolean | null | undefined
    id?: string | null | undefined
    participant?: string | null | undefined
  }
  interface MessageKey extends IMessageKey {}
  class MessageKey extends Kind<IMessageKey> {}
  interface IMessageSecretMessage {
    version?: number | null | undefined
    encIv?: Uint8Array | null | undefined
    encPayload?: Uint8Array | null | undefined
  }
  interface MessageSecretMessage extends IMessageSecretMessage {}
  class MessageSecretMessage extends Kind<IMessageSecretMessage> {}
  interface IMessageText {
    text?: string | null | undefined
    mentionedJid?: string[] | null | undefined
    commands?: proto.ICommand[] | null | undefined
    mentions?: proto.IMention[] | null | undefined
  }
  interface MessageText extends IMessageText {}
  class MessageText extends Kind<IMessageText> {
    mentionedJid: string[]
    commands: proto.ICommand[]
    mentions: proto.IMention[]
  }
  interface IMoney {
    value?: number | Long | null | undefined
    offset?: number | null | undefined
    currencyCode?: string | null | undefined
  }
  interface Money extends IMoney {}
  class Money extends Kind<IMoney> {}
  interface IMsgOpaqueData {
    body?: string | null | undefined
    caption?: string | null | undefined
    lng?: number | null | undefined
    isLive?: boolean | null | undefined
    lat?: number | null | undefined
    paymentAmount1000?: number | null | undefined
    paymentNoteMsgBody?: string | null | undefined
    matchedText?: string | null | undefined
    title?: string | null | undefined
    description?: string | null | undefined
    futureproofBuffer?: Uint8Array | null | undefined
    clientUrl?: string | null | undefined
    loc?: string | null | undefined
    pollName?: string | null | undefined
    pollOptions?: proto.MsgOpaqueData.IPollOption[] | null | undefined
    pollSelectableOptionsCount?: number | null | undefined
    messageSecret?: Uint8Array | null | undefined
    originalSelfAuthor?: string | null | undefined
    senderTimestampMs?: number | Long | null | undefined
    pollUpdateParentKey?: string | null | undefined
    encPollVote?: proto.IPollEncValue | null | undefined
    isSentCagPollCreation?: boolean | null | undefined
    pollContentType?: proto.MsgOpaqueData.PollContentType | null | undefined
    pollType?: proto.MsgOpaqueData.PollType | null | undefined
    correctOptionIndex?: number | null | undefined
    pollVotesSnapshot?: proto.MsgOpaqueData.IPollVotesSnapshot | null | undefined
    encReactionTargetMessageKey?: string | null | undefined
    encReactionEncPayload?: Uint8Array | null | undefined
    encReactionEncIv?: Uint8Array | null | undefined
    botMessageSecret?: Uint8Array | null | undefined
    targetMessageKey?: string | null | undefined
    encPayload?: Uint8Array | null | undefined
    encIv?: Uint8Array | null | undefined
    eventName?: string | null | undefined
    isEventCanceled?: boolean | null | undefined
    eventDescription?: string | null | undefined
    eventJoinLink?: string | null | undefined
    eventStartTime?: number | Long | null | undefined
    eventLocation?: proto.MsgOpaqueData.IEventLocation | null | undefined
    eventEndTime?: number | Long | null | undefined
    eventIsScheduledCall?: boolean | null | undefined
    eventExtraGuestsAllowed?: boolean | null | undefined
    plainProtobufBytes?: Uint8Array | null | undefined
    quarantineExtractedText?: string | null | undefined
    pollEndTime?: number | Long | null | undefined
    pollHideVoterNames?: boolean | null | undefined
    pollAllowAddOption?: boolean | null | undefined
    sharableEventInviteId?: string | null | undefined
    sharableEventInviteTitle?: string | null | undefined
    sharableEventInviteStartTime?: number | Long | null | undefined
    sharableEventInviteEndTime?: number | Long | null | undefined
    sharableEventInviteCaption?: string | null | undefined
    sharableEventInviteIsCanceled?: boolean | null | undefined
    sharableEventInviteJpegThumbnail?: Uint8Array | null | undefined
    sharableEventInviteCallLink?: string | null | undefined
  }
  interface MsgOpaqueData extends IMsgOpaqueData {}
  class MsgOpaqueData extends Kind<IMsgOpaqueData> {
    pollOptions: proto.MsgOpaqueData.IPollOption[]
  }
  namespace MsgOpaqueData {
    interface IEventLocation {
      degreesLatitude?: number | null | undefined
      degreesLongitude?: number | null | undefined
      name?: string | null | undefined
      address?: string | null | undefined
      url?: string | null | undefined
      jpegThumbnail?: Uint8Array | null | undefined
    }
    interface EventLocation extends IEventLocation {}
    class EventLocation extends Kind<IEventLocation> {}
    enum PollContentType {
      UNKNOWN = 0,
      TEXT = 1,
      IMAGE = 2,
    }
    interface IPollOption {
      name?: string | null | undefined
      hash?: string | null | undefined
    }
    interface PollOption extends IPollOption {}
    class PollOption extends Kind<IPollOption> {}
    enum PollType {
      POLL = 0,
      QUIZ = 1,
    }
    interface IPollVoteSnapshot {
      option?: proto.MsgOpaqueData.IPollOption | null | undefined
      optionVoteCount?: number | null | undefined
    }
    interface PollVoteSnapshot extends IPollVoteSnapshot {}
    class PollVoteSnapshot extends Kind<IPollVoteSnapshot> {}
    interface IPollVotesSnapshot {
      pollVotes?: proto.MsgOpaqueData.IPollVoteSnapshot[] | null | undefined
    }
    interface PollVotesSnapshot extends IPollVotesSnapshot {}
    class PollVotesSnapshot extends Kind<IPollVotesSnapshot> {
      pollVotes: proto.MsgOpaqueData.IPollVoteSnapshot[]
    }
  }
  interface IMsgRowOpaqueData {
    currentMsg?: proto.IMsgOpaqueData | null | undefined
    quotedMsg?: proto.IMsgOpaqueData | null | undefined
  }
  interface MsgRowOpaqueData extends IMsgRowOpaqueData {}
  class MsgRowOpaqueData extends Kind<IMsgRowOpaqueData> {}
  enum MutationProps {
    STAR_ACTION = 2,
    CONTACT_ACTION = 3,
    MUTE_ACTION = 4,
    PIN_ACTION = 5,
    SECURITY_NOTIFICATION_SETTING = 6,
    PUSH_NAME_SETTING = 7,
    QUICK_REPLY_ACTION = 8,
    RECENT_EMOJI_WEIGHTS_ACTION = 11,
    LABEL_MESSAGE_ACTION = 13,
    LABEL_EDIT_ACTION = 14,
    LABEL_ASSOCIATION_ACTION = 15,
    LOCALE_SETTING = 16,
    ARCHIVE_CHAT_ACTION = 17,
    DELETE_MESSAGE_FOR_ME_ACTION = 18,
    KEY_EXPIRATION = 19,
    MARK_CHAT_AS_READ_ACTION = 20,
    CLEAR_CHAT_ACTION = 21,
    DELETE_CHAT_ACTION = 22,
    UNARCHIVE_CHATS_SETTING = 23,
    PRIMARY_FEATURE = 24,
    ANDROID_UNSUPPORTED_ACTIONS = 26,
    AGENT_ACTION = 27,
    SUBSCRIPTION_ACTION = 28,
    USER_STATUS_MUTE_ACTION = 29,
    TIME_FORMAT_ACTION = 30,
    NUX_ACTION = 31,
    PRIMARY_VERSION_ACTION = 32,
    STICKER_ACTION = 33,
    REMOVE_RECENT_STICKER_ACTION = 34,
    CHAT_ASSIGNMENT = 35,
    CHAT_ASSIGNMENT_OPENED_STATUS = 36,
    PN_FOR_LID_CHAT_ACTION = 37,
    MARKETING_MESSAGE_ACTION = 38,
    MARKETING_MESSAGE_BROADCAST_ACTION = 39,
    EXTERNAL_WEB_BETA_ACTION = 40,
    PRIVACY_SETTING_RELAY_ALL_CALLS = 41,
    CALL_LOG_ACTION = 42,
    UGC_BOT = 43,
    STATUS_PRIVACY = 44,
    BOT_WELCOME_REQUEST_ACTION = 45,
    DELETE_INDIVIDUAL_CALL_LOG = 46,
    LABEL_REORDERING_ACTION = 47,
    PAYMENT_INFO_ACTION = 48,
    CUSTOM_PAYMENT_METHODS_ACTION = 49,
    LOCK_CHAT_ACTION = 50,
    CHAT_LOCK_SETTINGS = 51,
    WAMO_USER_IDENTIFIER_ACTION = 52,
    PRIVACY_SETTING_DISABLE_LINK_PREVIEWS_ACTION = 53,
    DEVICE_CAPABILITIES = 54,
    NOTE_EDIT_ACTION = 55,
    FAVORITES_ACTION = 56,
    MERCHANT_PAYMENT_PARTNER_ACTION = 57,
    WAFFLE_ACCOUNT_LINK_STATE_ACTION = 58,
    USERNAME_CHAT_START_MODE = 59,
    NOTIFICATION_ACTIVITY_SETTING_ACTION = 60,
    LID_CONTACT_ACTION = 61,
    CTWA_PER_CUSTOMER_DATA_SHARING_ACTION = 62,
    PAYMENT_TOS_ACTION = 63,
    PRIVACY_SETTING_CHANNELS_PERSONALISED_RECOMMENDATION_ACTION = 64,
    BUSINESS_BROADCAST_ASSOCIATION_ACTION = 65,
    DETECTED_OUTCOMES_STATUS_ACTION = 66,
    MAIBA_AI_FEATURES_CONTROL_ACTION = 68,
    BUSINESS_BROADCAST_LIST_ACTION = 69,
    MUSIC_USER_ID_ACTION = 70,
    STATUS_POST_OPT_IN_NOTIFICATION_PREFERENCES_ACTION = 71,
    AVATAR_UPDATED_ACTION = 72,
    GALAXY_FLOW_ACTION = 73,
    PRIVATE_PROCESSING_SETTING_ACTION = 74,
    NEWSLETTER_SAVED_INTERESTS_ACTION = 75,
    AI_THREAD_RENAME_ACTION = 76,
    INTERACTIVE_MESSAGE_ACTION = 77,
    SETTINGS_SYNC_ACTION = 78,
    OUT_CONTACT_ACTION = 79,
    NCT_SALT_SYNC_ACTION = 80,
    BUSINESS_BROADCAST_CAMPAIGN_ACTION = 81,
    BUSINESS_BROADCAST_INSIGHTS_ACTION = 82,
    CUSTOMER_DATA_ACTION = 83,
    SUBSCRIPTIONS_SYNC_V2_ACTION = 84,
    THREAD_PIN_ACTION = 85,
    AUTO_ORGANIZE_BUSINESS_CHAT_SETTING = 86,
    BIZ_AI_SETTINGS_NUDGE_ACTION = 87,
    COEX_V2_VERSION_ACTION = 88,
    WASA_ROOT_SECRET_ACTION = 89,
    SHARE_OWN_PN = 10001,
    BUSINESS_BROADCAST_ACTION = 10002,
    AI_THREAD_DELETE_ACTION = 10003,
  }
  interface INoiseCertificate {
    details?: Uint8Array | null | undefined
    signature?: Uint8Array | null | undefined
  }
  interface NoiseCertificate extends INoiseCertificate {}
  class NoiseCertificate extends Kind<INoiseCertificate> {}
  namespace NoiseCertificate {
    interface IDetails {
      serial?: number | null | undefined
      issuer?: string | null | undefined
      expires?: number | Long | null | undefined
      subject?: string | null | undefined
      key?: Uint8Array | null | undefined
    }
    interface Details extends IDetails {}
    class Details extends Kind<IDetails> {}
  }
  interface INotificationMessageInfo {
    key?: proto.IMessageKey | null | undefined
    message?: proto.IMessage | null | undefined
    messageTimestamp?: number | Long | null | undefined
    participant?: string | null | undefined
  }
  interface NotificationMessageInfo extends INotificationMessageInfo {}
  class NotificationMessageInfo extends Kind<INotificationMessageInfo> {}
  interface INotificationSettings {
    messageVibrate?: string | null | undefined
    messagePopup?: string | null | undefined
    messageLight?: string | null | undefined
    lowPriorityNotifications?: boolean | null | undefined
    reactionsMuted?: boolean | null | undefined
    callVibrate?: string | null | undefined
  }
  interface NotificationSettings extends INotificationSettings {}
  class NotificationSettings extends Kind<INotificationSettings> {}
  interface IOrfThreadIdInput {
    orfClientState?: Uint8Array | null | undefined
    threadId?: string | null | undefined
  }
  interface OrfThreadIdInput extends IOrfThreadIdInput {}
  class OrfThreadIdInput extends Kind<IOrfThreadIdInput> {
    orfClientState: Uint8Array
    threadId: string
  }
  interface IOrfThreadIdOutput {
    orfThreadId?: Uint8Array | null | undefined
    error?: string | null | undefined
  }
  interface OrfThreadIdOutput extends IOrfThreadIdOutput {}
  class OrfThreadIdOutput extends Kind<IOrfThreadIdOutput> {}
  interface IPairingRequest {
    companionPublicKey?: Uint8Array | null | undefined
    companionIdentityKey?: Uint8Array | null | undefined
    advSecret?: Uint8Array | null | undefined
  }
  interface PairingRequest extends IPairingRequest {}
  class PairingRequest extends Kind<IPairingRequest> {}
  interface IPastParticipant {
    userJid?: string | null | undefined
    leaveReason?: proto.PastParticipant.LeaveReason | null | undefined
    leaveTs?: number | Long | null | undefined
  }
  interface PastParticipant extends IPastParticipant {}
  class PastParticipant extends Kind<IPastParticipant> {}
  namespace PastParticipant {
    enum LeaveReason {
      LEFT = 0,
      REMOVED = 1,
    }
  }
  interface IPastParticipants {
    groupJid?: string | null | undefined
    pastParticipants?: proto.IPastParticipant[] | null | undefined
  }
  interface PastParticipants extends IPastParticipants {}
  class PastParticipants extends Kind<IPastParticipants> {
    pastParticipants: proto.IPastParticipant[]
  }
  interface IPatchDebugData {
    currentLthash?: Uint8Array | null | undefined
    newLthash?: Uint8Array | null | undefined
    patchVersion?: Uint8Array | null | undefined
    collectionName?: Uint8Array | null | undefined
    firstFourBytesFromAHashOfSnapshotMacKey?: Uint8Array | null | undefined
    newLthashSubtract?: Uint8Array | null | undefined
    numberAdd?: number | null | undefined
    numberRemove?: number | null | undefined
    numberOverride?: number | null | undefined
    senderPlatform?: proto.PatchDebugData.Platform | null | undefined
    isSenderPrimary?: boolean | null | undefined
  }
  interface PatchDebugData extends IPatchDebugData {}
  class PatchDebugData extends Kind<IPatchDebugData> {}
  namespace PatchDebugData {
    enum Platform {
      ANDROID = 0,
      SMBA = 1,
      IPHONE = 2,
      SMBI = 3,
      WEB = 4,
      UWP = 5,
      DARWIN = 6,
      IPAD = 7,
      WEAROS = 8,
      WASG = 9,
      WEARM = 10,
      CAPI = 11,
    }
  }
  interface IPaymentBackground {
    id?: string | null | undefined
    fileLength?: number | Long | null | undefined
    width?: number | null | undefined
    height?: number | null | undefined
    mimetype?: string | null | undefined
    placeholderArgb?: number | null | undefined
    textArgb?: number | null | undefined
    subtextArgb?: number | null | undefined
    mediaData?: proto.PaymentBackground.IMediaData | null | undefined
    type?: proto.PaymentBackground.Type | null | undefined
  }
  interface PaymentBackground extends IPaymentBackground {}
  class PaymentBackground extends Kind<IPaymentBackground> {}
  namespace PaymentBackground {
    interface IMediaData {
      mediaKey?: Uint8Array | null | undefined
      mediaKeyTimestamp?: number | Long | null | undefined
      fileSha256?: Uint8Array | null | undefined
      fileEncSha256?: Uint8Array | null | undefined
      directPath?: string | null | undefined
    }
    interface MediaData extends IMediaData {}
    class MediaData extends Kind<IMediaData> {}
    enum Type {
      UNKNOWN = 0,
      DEFAULT = 1,
    }
  }
  interface IPaymentInfo {
    currencyDeprecated?: proto.PaymentInfo.Currency | null | undefined
    amount1000?: number | Long | null | undefined
    receiverJid?: string | null | undefined
    status?: proto.PaymentInfo.Status | null | undefined
    transactionTimestamp?: number | Long | null | undefined
    requestMessageKey?: proto.IMessageKey | null | undefined
    expiryTimestamp?: number | Long | null | undefined
    futureproofed?: boolean | null | undefined
    currency?: string | null | undefined
    txnStatus?: proto.PaymentInfo.TxnStatus | null | undefined
    useNoviFiatFormat?: boolean | null | undefined
    primaryAmount?: proto.IMoney | null | undefined
    exchangeAmount?: proto.IMoney | null | undefined
  }
  interface PaymentInfo extends IPaymentInfo {}
  class PaymentInfo extends Kind<IPaymentInfo> {}
  namespace PaymentInfo {
    enum Currency {
      UNKNOWN_CURRENCY = 0,
      INR = 1,
    }
    enum Status {
      UNKNOWN_STATUS = 0,
      PROCESSING = 1,
      SENT = 2,
      NEED_TO_ACCEPT = 3,
      COMPLETE = 4,
      COULD_NOT_COMPLETE = 5,
      REFUNDED = 6,
      EXPIRED = 7,
      REJECTED = 8,
      CANCELLED = 9,
      WAITING_FOR_PAYER = 10,
      WAITING = 11,
    }
    enum TxnStatus {
      UNKNOWN = 0,
      PENDING_SETUP = 1,
      PENDING_RECEIVER_SETUP = 2,
      INIT = 3,
      SUCCESS = 4,
      COMPLETED = 5,
      FAILED = 6,
      FAILED_RISK = 7,
      FAILED_PROCESSING = 8,
      FAILED_RECEIVER_PROCESSING = 9,
      FAILED_DA = 10,
      FAILED_DA_FINAL = 11,
      REFUNDED_TXN = 12,
      REFUND_FAILED = 13,
      REFUND_FAILED_PROCESSING = 14,
      REFUND_FAILED_DA = 15,
      EXPIRED_TXN = 16,
      AUTH_CANCELED = 17,
      AUTH_CANCEL_FAILED_PROCESSING = 18,
      AUTH_CANCEL_FAILED = 19,
      COLLECT_INIT = 20,
      COLLECT_SUCCESS = 21,
      COLLECT_FAILED = 22,
      COLLECT_FAILED_RISK = 23,
      COLLECT_REJECTED = 24,
      COLLECT_EXPIRED = 25,
      COLLECT_CANCELED = 26,
      COLLECT_CANCELLING = 27,
      IN_REVIEW = 28,
      REVERSAL_SUCCESS = 29,
      REVERSAL_PENDING = 30,
      REFUND_PENDING = 31,
    }
  }
  interface IPhoneNumberToLIDMapping {
    pnJid?: string | null | undefined
    lidJid?: string | null | undefined
  }
  interface PhoneNumberToLIDMapping extends IPhoneNumberToLIDMapping {}
  class PhoneNumberToLIDMapping extends Kind<IPhoneNumberToLIDMapping> {}
  interface IPhotoChange {
    oldPhoto?: Uint8Array | null | undefined
    newPhoto?: Uint8Array | null | undefined
    newPhotoId?: number | null | undefined
  }
  interface PhotoChange extends IPhotoChange {}
  class PhotoChange extends Kind<IPhotoChange> {}
  interface IPinInChat {
    type?: proto.PinInChat.Type | null | undefined
    key?: proto.IMessageKey | null | undefined
    senderTimestampMs?: number | Long | null | undefined
    serverTimestampMs?: number | Long | null | undefined
    messageAddOnContextInfo?: proto.IMessageAddOnContextInfo | null | undefined
  }
  interface PinInChat extends IPinInChat {}
  class PinInChat extends Kind<IPinInChat> {}
  namespace PinInChat {
    enum Type {
      UNKNOWN_TYPE = 0,
      PIN_FOR_ALL = 1,
      UNPIN_FOR_ALL = 2,
    }
  }
  interface IPoint {
    xDeprecated?: number | null | undefined
    yDeprecated?: number | null | undefined
    x?: number | null | undefined
    y?: number | null | undefined
  }
  interface Point extends IPoint {}
  class Point extends Kind<IPoint> {}
  interface IPollAdditionalMetadata {
    pollInvalidated?: boolean | null | undefined
    pollNameHashHistory?: proto.PollAdditionalMetadata.IPollNameHashHistoryEntry[] | null | undefined
  }
  interface PollAdditionalMetadata extends IPollAdditionalMetadata {}
  class PollAdditionalMetadata extends Kind<IPollAdditionalMetadata> {
    pollNameHashHistory: proto.PollAdditionalMetadata.IPollNameHashHistoryEntry[]
  }
  namespace PollAdditionalMetadata {
    interface IPollNameHashHistoryEntry {
      editStanzaId?: string | null | undefined
      pollNameHash?: Uint8Array | null | undefined
    }
    interface PollNameHashHistoryEntry extends IPollNameHashHistoryEntry {}
    class PollNameHashHistoryEntry extends Kind<IPollNameHashHistoryEntry> {}
  }
  interface IPollEncValue {
    encPayload?: Uint8Array | null | undefined
    encIv?: Uint8Array | null | undefined
  }
  interface PollEncValue extends IPollEncValue {}
  class PollEncValue extends Kind<IPollEncValue> {}
  interface IPollUpdate {
    pollUpdateMessageKey?: proto.IMessageKey | null | undefined
    vote?: proto.Message.IPollVoteMessage | null | undefined
    senderTimestampMs?: number | Long | null | undefined
    serverTimestampMs?: number | Long | null | undefined
    unread?: boolean | null | undefined
    metadata?: proto.Message.IPollUpdateMessageMetadata | null | undefined
  }
  interface PollUpdate extends IPollUpdate {}
  class PollUpdate extends Kind<IPollUpdate> {}
  interface IPreKeyRecordStructure {
    id?: number | null | undefined
    publicKey?: Uint8Array | null | undefined
    privateKey?: Uint8Array | null | undefined
  }
  interface PreKeyRecordStructure extends IPreKeyRecordStructure {}
  class PreKeyRecordStructure extends Kind<IPreKeyRecordStructure> {}
  interface IPreKeySignalMessage {
    registrationId?: number | null | undefined
    preKeyId?: number | null | undefined
    signedPreKeyId?: number | null | undefined
    baseKey?: Uint8Array | null | undefined
    identityKey?: Uint8Array | null | undefined
    message?: Uint8Array | null | undefined
    kyberPreKeyId?: number | null | undefined
    kyberCiphertext?: Uint8Array | null | undefined
  }
  interface PreKeySignalMessage extends IPreKeySignalMessage {}
  class PreKeySignalMessage extends Kind<IPreKeySignalMessage> {}
  interface IPremiumMessageInfo {
    serverCampaignId?: string | null | undefined
  }
  interface PremiumMessageInfo extends IPremiumMessageInfo {}
  class PremiumMessageInfo extends Kind<IPremiumMessageInfo> {}
  interface IPrimaryEphemeralIdentity {
    publicKey?: Uint8Array | null | undefined
    nonce?: Uint8Array | null | undefined
  }
  interface PrimaryEphemeralIdentity extends IPrimaryEphemeralIdentity {}
  class PrimaryEphemeralIdentity extends Kind<IPrimaryEphemeralIdentity> {}
  enum PrivacySystemMessage {
    E2EE_MSG = 1,
    NE2EE_SELF = 2,
    NE2EE_OTHER = 3,
  }
  interface IProcessedVideo {
    directPath?: string | null | undefined
    fileSha256?: Uint8Array | null | undefined
    height?: number | null | undefined
    width?: number | null | undefined
    fileLength?: number | Long | null | undefined
    bitrate?: number | null | undefined
    quality?: proto.ProcessedVideo.VideoQuality | null | undefined
    capabilities?: string[] | null | undefined
  }
  interface ProcessedVideo extends IProcessedVideo {}
  class ProcessedVideo extends Kind<IProcessedVideo> {
    capabilities: string[]
  }
  namespace ProcessedVideo {
    enum VideoQuality {
      UNDEFINED = 0,
      LOW = 1,
      MID = 2,
      HIGH = 3,
    }
  }
  interface IProloguePayload {
    companionEphemeralIdentity?: Uint8Array | null | undefined
    commitment?: proto.ICompanionCommitment | null | undefined
  }
  interface ProloguePayload extends IProloguePayload {}
  class ProloguePayload extends Kind<IProloguePayload> {}
  interface IPushname {
    id?: string | null | undefined
    pushname?: string | null | undefined
  }
  interface Pushname extends IPushname {}
  class Pushname extends Kind<IPushname> {}
  interface IQP {
  }
  interface QP extends IQP {}
  class QP extends Kind<IQP> {}
  namespace QP {
    enum ClauseType {
      AND = 1,
      OR = 2,
      NOR = 3,
    }
    interface IFilter {
      filterName?: string | null | undefined
      parameters?: proto.QP.IFilterParameters[] | null | undefined
      filterResult?: proto.QP.FilterResult | null | undefined
      clientNotSupportedConfig?: proto.QP.FilterClientNotSupportedConfig | null | undefined
    }
    interface Filter extends IFilter {}
    class Filter extends Kind<IFilter> {
      filterName: string
      parameters: proto.QP.IFilterParameters[]
      clientNotSupportedConfig: proto.QP.FilterClientNotSupportedConfig
    }
    interface IFilterClause {
      clauseType?: proto.QP.ClauseType | null | undefined
      clauses?: proto.QP.IFilterClause[] | null | undefined
      filters?: proto.QP.IFilter[] | null | undefined
    }
    interface FilterClause extends IFilterClause {}
    class FilterClause extends Kind<IFilterClause> {
      clauseType: proto.QP.ClauseType
      clauses: proto.QP.IFilterClause[]
      filters: proto.QP.IFilter[]
    }
    enum FilterClientNotSupportedConfig {
      PASS_BY_DEFAULT = 1,
      FAIL_BY_DEFAULT = 2,
    }
    interface IFilterParameters {
      key?: string | null | undefined
      value?: string | null | undefined
    }
    interface FilterParameters extends IFilterParameters {}
    class FilterParameters extends Kind<IFilterParameters> {}
    enum FilterResult {
      TRUE = 1,
      FALSE = 2,
      UNKNOWN = 3,
    }
  }
  interface IQuarantinedMessage {
    originalData?: Uint8Array | null | undefined
    extractedText?: string | null | undefined
  }
  interface QuarantinedMessage extends IQuarantinedMessage {}
  class QuarantinedMessage extends Kind<IQuarantinedMessage> {}
  interface IReaction {
    key?: proto.IMessageKey | null | undefined
    text?: string | null | undefined
    groupingKey?: string | null | undefined
    senderTimestampMs?: number | Long | null | undefined
    unread?: boolean | null | undefined
  }
  interface Reaction extends IReaction {}
  class Reaction extends Kind<IReaction> {}
  interface IRecentEmojiWeight {
    emoji?: string | null | undefined
    weight?: number | null | undefined
  }
  interface RecentEmojiWeight extends IRecentEmojiWeight {}
  class RecentEmojiWeight extends Kind<IRecentEmojiWeight> {}
  interface IRecordStructure {
    currentSession?: proto.ISessionStructure | null | undefined
    previousSessions?: proto.ISessionStructure[] | null | undefined
  }
  interface RecordStructure extends IRecordStructure {}
  class RecordStructure extends Kind<IRecordStructure> {
    previousSessions: proto.ISessionStructure[]
  }
  interface IReportable {
    minVersion?: number | null | undefined
    maxVersion?: number | null | undefined
    notReportableMinVersion?: number | null | undefined
    never?: boolean | null | undefined
  }
  interface Reportable extends IReportable {}
  class Reportable extends Kind<IReportable> {}
  interface IReportingTokenInfo {
    reportingTag?: Uint8Array | null | undefined
  }
  interface ReportingTokenInfo extends IReportingTokenInfo {}
  class ReportingTokenInfo extends Kind<IReportingTokenInfo> {}
  interface IRoutingInfo {
    regionId?: number[] | null | undefined
    clusterId?: number[] | null | undefined
    taskId?: number | null | undefined
    debug?: boolean | null | undefined
    tcpBbr?: boolean | null | undefined
    tcpKeepalive?: boolean | null | undefined
  }
  interface RoutingInfo extends IRoutingInfo {}
  class RoutingInfo extends Kind<IRoutingInfo> {
    regionId: number[]
    clusterId: number[]
  }
  interface IScheduledMessageMetadata {
    revealKeyId?: string | null | undefined
    revealKey?: Uint8Array | null | undefined
    scheduledTime?: number | Long | null | undefined
  }
  interface ScheduledMessageMetadata extends IScheduledMessageMetadata {}
  class ScheduledMessageMetadata extends Kind<IScheduledMessageMetadata> {}
  interface ISenderKeyDistributionMessage {
    id?: number | null | undefined
    iteration?: number | null | undefined
    chainKey?: Uint8Array | null | undefined
    signingKey?: Uint8Array | null | undefined
  }
  interface SenderKeyDistributionMessage extends ISenderKeyDistributionMessage {}
  class SenderKeyDistributionMessage extends Kind<ISenderKeyDistributionMessage> {}
  interface ISenderKeyMessage {
    id?: number | null | undefined
    iteration?: number | null | undefined
    ciphertext?: Uint8Array | null | undefined
  }
  interface SenderKeyMessage extends ISenderKeyMessage {}
  class SenderKeyMessage extends Kind<ISenderKeyMessage> {}
  interface ISenderKeyRecordStructure {
    senderKeyStates?: proto.ISenderKeyStateStructure[] | null | undefined
  }
  interface SenderKeyRecordStructure extends ISenderKeyRecordStructure {}
  class SenderKeyRecordStructure extends Kind<ISenderKeyRecordStructure> {
    senderKeyStates: proto.ISenderKeyStateStructure[]
  }
  interface ISenderKeyStateStructure {
    senderKeyId?: number | null | undefined
    senderChainKey?: proto.SenderKeyStateStructure.ISenderChainKey | null | undefined
    senderSigningKey?: proto.SenderKeyStateStructure.ISenderSigningKey | null | undefined
    senderMessageKeys?: proto.SenderKeyStateStructure.ISenderMessageKey[] | null | undefined
  }
  interface SenderKeyStateStructure extends ISenderKeyStateStructure {}
  class SenderKeyStateStructure extends Kind<ISenderKeyStateStructure> {
    senderMessageKeys: proto.SenderKeyStateStructure.ISenderMessageKey[]
  }
  namespace SenderKeyStateStructure {
    interface ISenderChainKey {
      iteration?: number | null | undefined
      seed?: Uint8Array | null | undefined
    }
    interface SenderChainKey extends ISenderChainKey {}
    class SenderChainKey extends Kind<ISenderChainKey> {}
    interface ISenderMessageKey {
      iteration?: number | null | undefined
      seed?: Uint8Array | null | undefined
    }
    interface SenderMessageKey extends ISenderMessageKey {}
    class SenderMessageKey extends Kind<ISenderMessageKey> {}
    interface ISenderSigningKey {
      public?: Uint8Array | null | undefined
      private?: Uint8Array | null | undefined
    }
    interface SenderSigningKey extends ISenderSigningKey {}
    class SenderSigningKey extends Kind<ISenderSigningKey> {}
  }
  interface IServerErrorReceipt {
    stanzaId?: string | null | undefined
  }
  interface ServerErrorReceipt extends IServerErrorReceipt {}
  class ServerErrorReceipt extends Kind<IServerErrorReceipt> {}
  interface ISessionStructure {
    sessionVersion?: number | null | undefined
    localIdentityPublic?: Uint8Array | null | undefined
    remoteIdentityPublic?: Uint8Array | null | undefined
    rootKey?: Uint8Array | null | undefined
    previousCounter?: number | null | undefined
    senderChain?: proto.SessionStructure.IChain | null | undefined
    receiverChains?: proto.SessionStructure.IChain[] | null | undefined
    pendingKeyExchange?: proto.SessionStructure.IPendingKeyExchange | null | undefined
    pendingPreKey?: proto.SessionStructure.IPendingPreKey | null | undefined
    remoteRegistrationId?: number | null | undefined
    localRegistrationId?: number | null | undefined
    needsRefresh?: boolean | null | undefined
    aliceBaseKey?: Uint8Array | null | undefined
  }
  interface SessionStructure extends ISessionStructure {}
  class SessionStructure extends Kind<ISessionStructure> {
    receiverChains: proto.SessionStructure.IChain[]
  }
  namespace SessionStructure {
    interface IChain {
      senderRatchetKey?: Uint8Array | null | undefined
      senderRatchetKeyPrivate?: Uint8Array | null | undefined
      chainKey?: proto.SessionStructure.Chain.IChainKey | null | undefined
      messageKeys?: proto.SessionStructure.Chain.IMessageKey[] | null | undefined
    }
    interface Chain extends IChain {}
    class Chain extends Kind<IChain> {
      messageKeys: proto.SessionStructure.Chain.IMessageKey[]
    }
    namespace Chain {
      interface IChainKey {
        index?: number | null | undefined
        key?: Uint8Array | null | undefined
      }
      interface ChainKey extends IChainKey {}
      class ChainKey extends Kind<IChainKey> {}
      interface IMessageKey {
        index?: number | null | undefined
        cipherKey?: Uint8Array | null | undefined
        macKey?: Uint8Array | null | undefined
        iv?: Uint8Array | null | undefined
      }
      interface MessageKey extends IMessageKey {}
      class MessageKey extends Kind<IMessageKey> {}
    }
    interface IPendingKeyExchange {
      sequence?: number | null | undefined
      localBaseKey?: Uint8Array | null | undefined
      localBaseKeyPrivate?: Uint8Array | null | undefined
      localRatchetKey?: Uint8Array | null | undefined
      localRatchetKeyPrivate?: Uint8Array | null | undefined
      localIdentityKey?: Uint8Array | null | undefined
      localIdentityKeyPrivate?: Uint8Array | null | undefined
    }
    interface PendingKeyExchange extends IPendingKeyExchange {}
    class PendingKeyExchange extends Kind<IPendingKeyExchange> {}
    interface IPendingPreKey {
      preKeyId?: number | null | undefined
      signedPreKeyId?: number | null | undefined
      baseKey?: Uint8Array | null | undefined
      kyberPreKeyId?: number | null | undefined
      kyberCiphertext?: Uint8Array | null | undefined
    }
    interface PendingPreKey extends IPendingPreKey {}
    class PendingPreKey extends Kind<IPendingPreKey> {}
  }
  interface ISessionTransparencyMetadata {
    disclaimerText?: string | null | undefined
    hcaId?: string | null | undefined
    sessionTransparencyType?: proto.SessionTransparencyType | null | undefined
  }
  interface SessionTransparencyMetadata extends ISessionTransparencyMetadata {}
  class SessionTransparencyMetadata extends Kind<ISessionTransparencyMetadata> {}
  enum SessionTransparencyType {
    UNKNOWN_TYPE = 0,
    NY_AI_SAFETY_DISCLAIMER = 1,
  }
  interface ISignalMessage {
    ratchetKey?: Uint8Array | null | undefined
    counter?: number | null | undefined
    previousCounter?: number | null | undefined
    ciphertext?: Uint8Array | null | undefined
  }
  interface SignalMessage extends ISignalMessage {}
  class SignalMessage extends Kind<ISignalMessage> {}
  interface ISignedPreKeyRecordStructure {
    id?: number | null | undefined
    publicKey?: Uint8Array | null | undefined
    privateKey?: Uint8Array | null | undefined
    signature?: Uint8Array | null | undefined
    timestamp?: number | Long | null | undefined
  }
  interface SignedPreKeyRecordStructure extends ISignedPreKeyRecordStructure {}
  class SignedPreKeyRecordStructure extends Kind<ISignedPreKeyRecordStructure> {}
  interface IStatusAttribution {
    type?: proto.StatusAttribution.Type | null | undefined
    actionUrl?: string | null | undefined
    statusReshare?: proto.StatusAttribution.IStatusReshare | null | undefined
    externalShare?: proto.StatusAttribution.IExternalShare | null | undefined
    music?: proto.StatusAttribution.IMusic | null | undefined
    groupStatus?: proto.StatusAttribution.IGroupStatus | null | undefined
    rlAttribution?: proto.StatusAttribution.IRLAttribution | null | undefined
    aiCreatedAttribution?: proto.StatusAttribution.IAiCreatedAttribution | null | undefined
  }
  interface StatusAttribution extends IStatusAttribution {}
  class StatusAttribution extends Kind<IStatusAttribution> {
    attributionData?: 'statusReshare' | 'externalShare' | 'music' | 'groupStatus' | 'rlAttribution' | 'aiCreatedAttribution' | undefined
  }
  namespace StatusAttribution {
    interface IAiCreatedAttribution {
      source?: proto.StatusAttribution.AiCreatedAttribution.Source | null | undefined
    }
    interface AiCreatedAttribution extends IAiCreatedAttribution {}
    class AiCreatedAttribution extends Kind<IAiCreatedAttribution> {}
    namespace AiCreatedAttribution {
      enum Source {
        UNKNOWN = 0,
        STATUS_MIMICRY = 1,
      }
    }
    interface IExternalShare {
      actionUrl?: string | null | undefined
      source?: proto.StatusAttribution.ExternalShare.Source | null | undefined
      duration?: number | null | undefined
      actionFallbackUrl?: string | null | undefined
    }
    interface ExternalShare extends IExternalShare {}
    class ExternalShare extends Kind<IExternalShare> {}
    namespace ExternalShare {
      enum Source {
        UNKNOWN = 0,
        INSTAGRAM = 1,
        FACEBOOK = 2,
        MESSENGER = 3,
        SPOTIFY = 4,
        YOUTUBE = 5,
        PINTEREST = 6,
        THREADS = 7,
        APPLE_MUSIC = 8,
        SHARECHAT = 9,
        GOOGLE_PHOTOS = 10,
        SOUNDCLOUD = 11,
        SHAZAM = 12,
      }
    }
    interface IGroupStatus {
      authorJid?: string | null | undefined
    }
    interface GroupStatus extends IGroupStatus {}
    class GroupStatus extends Kind<IGroupStatus> {}
    interface IMusic {
      authorName?: string | null | undefined
      songId?: string | null | undefined
      title?: string | null | undefined
      author?: string | null | undefined
      artistAttribution?: string | null | undefined
      isExplicit?: boolean | null | undefined
    }
    interface Music extends IMusic {}
    class Music extends Kind<IMusic> {}
    interface IRLAttribution {
      source?: proto.StatusAttribution.RLAttribution.Source | null | undefined
    }
    interface RLAttribution extends IRLAttribution {}
    class RLAttribution extends Kind<IRLAttribution> {}
    namespace RLAttribution {
      enum Source {
        UNKNOWN = 0,
        RAY_BAN_META_GLASSES = 1,
        OAKLEY_META_GLASSES = 2,
        HYPERNOVA_GLASSES = 3,
      }
    }
    interface IStatusReshare {
      source?: proto.StatusAttribution.StatusReshare.Source | null | undefined
      metadata?: proto.StatusAttribution.StatusReshare.IMetadata | null | undefined
    }
    interface StatusReshare extends IStatusReshare {}
    class StatusReshare extends Kind<IStatusReshare> {}
    namespace StatusReshare {
      interface IMetadata {
        duration?: number | null | undefined
        channelJid?: string | null | undefined
        channelMessageId?: number | null | undefined
        hasMultipleReshares?: boolean | null | undefined
      }
      interface Metadata extends IMetadata {}
      class Metadata extends Kind<IMetadata> {}
      enum Source {
        UNKNOWN = 0,
        INTERNAL_RESHARE = 1,
        MENTION_RESHARE = 2,
        CHANNEL_RESHARE = 3,
        FORWARD = 4,
      }
    }
    enum Type {
      UNKNOWN = 0,
      RESHARE = 1,
      EXTERNAL_SHARE = 2,
      MUSIC = 3,
      STATUS_MENTION = 4,
      GROUP_STATUS = 5,
      RL_ATTRIBUTION = 6,
      AI_CREATED = 7,
      LAYOUTS = 8,
      NEWSLETTER_STATUS = 9,
      STATUS_CLOSE_SHARING = 10,
      PAID_PARTNERSHIP = 11,
    }
  }
  interface IStatusMentionMessage {
    quotedStatus?: proto.IMessage | null | undefined
  }
  interface StatusMentionMessage extends IStatusMentionMessage {}
  class StatusMentionMessage extends Kind<IStatusMentionMessage> {}
  interface IStatusPSA {
    campaignId?: number | Long | null | undefined
    campaignExpirationTimestamp?: number | Long | null | undefined
  }
  interface StatusPSA extends IStatusPSA {}
  class StatusPSA extends Kind<IStatusPSA> {
    campaignId: number | Long
  }
  interface IStickerMetadata {
    url?: string | null | undefined
    fileSha256?: Uint8Array | null | undefined
    fileEncSha256?: Uint8Array | null | undefined
    mediaKey?: Uint8Array | null | undefined
    mimetype?: string | null | undefined
    height?: number | null | undefined
    width?: number | null | undefined
    directPath?: string | null | undefined
    fileLength?: number | Long | null | undefined
    weight?: number | null | undefined
    lastStickerSentTs?: number | Long | null | undefined
    isLottie?: boolean | null | undefined
    imageHash?: string | null | undefined
    isAvatarSticker?: boolean | null | undefined
  }
  interface StickerMetadata extends IStickerMetadata {}
  class StickerMetadata extends Kind<IStickerMetadata> {}
  interface ISubProtocol {
    payload?: Uint8Array | null | undefined
    version?: number | null | undefined
  }
  interface SubProtocol extends ISubProtocol {}
  class SubProtocol extends Kind<ISubProtocol> {}
  interface ISyncActionData {
    index?: Uint8Array | null | undefined
    value?: proto.ISyncActionValue | null | undefined
    padding?: Uint8Array | null | undefined
    version?: number | null | undefined
  }
  interface SyncActionData extends ISyncActionData {}
  class SyncActionData extends Kind<ISyncActionData> {}
  interface ISyncActionValue {
    timestamp?: number | Long | null | undefined
    starAction?: proto.SyncActionValue.IStarAction | null | undefined
    contactAction?: proto.SyncActionValue.IContactAction | null | undefined
    muteAction?: proto.SyncActionValue.IMuteAction | null | undefined
    pinAction?: proto.SyncActionValue.IPinAction | null | undefined
    pushNameSetting?: proto.SyncActionValue.IPushNameSetting | null | undefined
    quickReplyAction?: proto.SyncActionValue.IQuickReplyAction | null | undefined
    recentEmojiWeightsAction?: proto.SyncActionValue.IRecentEmojiWeightsAction | null | undefined
    labelEditAction?: proto.SyncActionValue.ILabelEditAction | null | undefined
    labelAssociationAction?: proto.SyncActionValue.ILabelAssociationAction | null | undefined
    localeSetting?: proto.SyncActionValue.ILocaleSetting | null | undefined
    archiveChatAction?: proto.SyncActionValue.IArchiveChatAction | null | undefined
    deleteMessageForMeAction?: proto.SyncActionValue.IDeleteMessageForMeAction | null | undefined
    keyExpiration?: proto.SyncActionValue.IKeyExpiration | null | undefined
    markChatAsReadAction?: proto.SyncActionValue.IMarkChatAsReadAction | null | undefined
    clearChatAction?: proto.SyncActionValue.IClearChatAction | null | undefined
    deleteChatAction?: proto.SyncActionValue.IDeleteChatAction | null | undefined
    unarchiveChatsSetting?: proto.SyncActionValue.IUnarchiveChatsSetting | null | undefined
    primaryFeature?: proto.SyncActionValue.IPrimaryFeature | null | undefined
    androidUnsupportedActions?: proto.SyncActionValue.IAndroidUnsupportedActions | null | undefined
    agentAction?: proto.SyncActionValue.IAgentAction | null | undefined
    subscriptionAction?: proto.SyncActionValue.ISubscriptionAction | null | undefined
    userStatusMuteAction?: proto.SyncActionValue.IUserStatusMuteAction | null | undefined
    timeFormatAction?: proto.SyncActionValue.ITimeFormatAction | null | undefined
    nuxAction?: proto.SyncActionValue.INuxAction | null | undefined
    primaryVersionAction?: proto.SyncActionValue.IPrimaryVersionAction | null | undefined
    stickerAction?: proto.SyncActionValue.IStickerAction | null | undefined
    removeRecentStickerAction?: proto.SyncActionValue.IRemoveRecentStickerAction | null | undefined
    chatAssignment?: proto.SyncActionValue.IChatAssignmentAction | null | undefined
    chatAssignmentOpenedStatus?: proto.SyncActionValue.IChatAssignmentOpenedStatusAction | null | undefined
    pnForLidChatAction?: proto.SyncActionValue.IPnForLidChatAction | null | undefined
    marketingMessageAction?: proto.SyncActionValue.IMarketingMessageAction | null | undefined
    marketingMessageBroadcastAction?: proto.SyncActionValue.IMarketingMessageBroadcastAction | null | undefined
    externalWebBetaAction?: proto.SyncActionValue.IExternalWebBetaAction | null | undefined
    privacySettingRelayAllCalls?: proto.SyncActionValue.IPrivacySettingRelayAllCalls | null | undefined
    callLogAction?: proto.SyncActionValue.ICallLogAction | null | undefined
    ugcBot?: proto.SyncActionValue.IUGCBot | null | undefined
    statusPrivacy?: proto.SyncActionValue.IStatusPrivacyAction | null | undefined
    botWelcomeRequestAction?: proto.SyncActionValue.IBotWelcomeRequestAction | null | undefined
    deleteIndividualCallLog?: proto.SyncActionValue.IDeleteIndividualCallLogAction | null | undefined
    labelReorderingAction?: proto.SyncActionValue.ILabelReorderingAction | null | undefined
    paymentInfoAction?: proto.SyncActionValue.IPaymentInfoAction | null | undefined
    customPaymentMethodsAction?: proto.SyncActionValue.ICustomPaymentMethodsAction | null | undefined
    lockChatAction?: proto.SyncActionValue.ILockChatAction | null | undefined
    chatLockSettings?: proto.IChatLockSettings | null | undefined
    wamoUserIdentifierAction?: proto.SyncActionValue.IWamoUserIdentifierAction | null | undefined
    privacySettingDisableLinkPreviewsAction?: proto.SyncActionValue.IPrivacySettingDisableLinkPreviewsAction | null | undefined
    deviceCapabilities?: proto.IDeviceCapabilities | null | undefined
    noteEditAction?: proto.SyncActionValue.INoteEditAction | null | undefined
    favoritesAction?: proto.SyncActionValue.IFavoritesAction | null | undefined
    merchantPaymentPartnerAction?: proto.SyncActionValue.IMerchantPaymentPartnerAction | null | undefined
    waffleAccountLinkStateAction?: proto.SyncActionValue.IWaffleAccountLinkStateAction | null | undefined
    usernameChatStartMode?: proto.SyncActionValue.IUsernameChatStartModeAction | null | undefined
    notificationActivitySettingAction?: proto.SyncActionValue.INotificationActivitySettingAction | null | undefined
    lidContactAction?: proto.SyncActionValue.ILidContactAction | null | undefined
    ctwaPerCustomerDataSharingAction?: proto.SyncActionValue.ICtwaPerCustomerDataSharingAction | null | undefined
    paymentTosAction?: proto.SyncActionValue.IPaymentTosAction | null | undefined
    privacySettingChannelsPersonalisedRecommendationAction?: proto.SyncActionValue.IPrivacySettingChannelsPersonalisedRecommendationAction | null | undefined
    detectedOutcomesStatusAction?: proto.SyncActionValue.IDetectedOutcomesStatusAction | null | undefined
    maibaAiFeaturesControlAction?: proto.SyncActionValue.IMaibaAIFeaturesControlAction | null | undefined
    businessBroadcastListAction?: proto.SyncActionValue.IBusinessBroadcastListAction | null | undefined
    musicUserIdAction?: proto.SyncActionValue.IMusicUserIdAction | null | undefined
    statusPostOptInNotificationPreferencesAction?: proto.SyncActionValue.IStatusPostOptInNotificationPreferencesAction | null | undefined
    avatarUpdatedAction?: proto.SyncActionValue.IAvatarUpdatedAction | null | undefined
    privateProcessingSettingAction?: proto.SyncActionValue.IPrivateProcessingSettingAction | null | undefined
    newsletterSavedInterestsAction?: proto.SyncActionValue.INewsletterSavedInterestsAction | null | undefined
    aiThreadRenameAction?: proto.SyncActionValue.IAiThreadRenameAction | null | undefined
    interactiveMessageAction?: proto.SyncActionValue.IInteractiveMessageAction | null | undefined
    settingsSyncAction?: proto.SyncActionValue.ISettingsSyncAction | null | undefined
    outContactAction?: proto.SyncActionValue.IOutContactAction | null | undefined
    nctSaltSyncAction?: proto.SyncActionValue.INctSaltSyncAction | null | undefined
    businessBroadcastCampaignAction?: proto.SyncActionValue.IBusinessBroadcastCampaignAction | null | undefined
    businessBroadcastInsightsAction?: proto.SyncActionValue.IBusinessBroadcastInsightsAction | null | undefined
    customerDataAction?: proto.SyncActionValue.ICustomerDataAction | null | undefined
    subscriptionsSyncV2Action?: proto.SyncActionValue.ISubscriptionsSyncV2Action | null | undefined
    threadPinAction?: proto.SyncActionValue.IThreadPinAction | null | undefined
    autoOrganizeBusinessChatSetting?: proto.SyncActionValue.IAutoOrganizeBusinessChatSetting | null | undefined
    bizAiSettingsNudgeAction?: proto.SyncActionValue.IBizAISettingsNudgeAction | null | undefined
    coexV2VersionAction?: proto.SyncActionValue.ICoexV2VersionAction | null | undefined
    wasaRootSecretAction?: proto.SyncActionValue.IWASARootSecretAction | null | undefined
  }
  interface SyncActionValue extends ISyncActionValue {}
  class SyncActionValue extends Kind<ISyncActionValue> {}
  namespace SyncActionValue {
    interface IAgentAction {
      name?: string | null | undefined
      deviceId?: number | null | undefined
      isDeleted?: boolean | null | undefined
    }
    interface AgentAction extends IAgentAction {}
    class AgentAction extends Kind<IAgentAction> {}
    interface IAiThreadRenameAction {
      newTitle?: string | null | undefined
    }
    interface AiThreadRenameAction extends IAiThreadRenameAction {}
    class AiThreadRenameAction extends Kind<IAiThreadRenameAction> {}
    interface IAndroidUnsupportedActions {
      allowed?: boolean | null | undefined
    }
    interface AndroidUnsupportedActions extends IAndroidUnsupportedActions {}
    class AndroidUnsupportedActions extends Kind<IAndroidUnsupportedActions> {}
    interface IArchiveChatAction {
      archived?: boolean | null | undefined
      messageRange?: proto.SyncActionValue.ISyncActionMessageRange | null | undefined
    }
    interface ArchiveChatAction extends IArchiveChatAction {}
    class ArchiveChatAction extends Kind<IArchiveChatAction> {}
    interface IAutoOrganizeBusinessChatSetting {
      autoOrganize?: boolean | null | undefined
    }
    interface AutoOrganizeBusinessChatSetting extends IAutoOrganizeBusinessChatSetting {}
    class AutoOrganizeBusinessChatSetting extends Kind<IAutoOrganizeBusinessChatSetting> {}
    interface IAvatarUpdatedAction {
      eventType?: proto.SyncActionValue.AvatarUpdatedAction.AvatarEventType | null | undefined
      recentAvatarStickers?: proto.SyncActionValue.IStickerAction[] | null | undefined
    }
    interface AvatarUpdatedAction extends IAvatarUpdatedAction {}
    class AvatarUpdatedAction extends Kind<IAvatarUpdatedAction> {
      recentAvatarStickers: proto.SyncActionValue.IStickerAction[]
    }
    namespace AvatarUpdatedAction {
      enum AvatarEventType {
        UPDATED = 0,
        CREATED = 1,
        DELETED = 2,
      }
    }
    interface IBizAISettingsNudgeAction {
      category?: proto.SyncActionValue.BizAISettingsNudgeAction.BizAISettingsCategory | null | undefined
      version?: number | Long | null | undefined
      updatedAtMs?: number | Long | null | undefined
    }
    interface BizAISettingsNudgeAction extends IBizAISettingsNudgeAction {}
    class BizAISettingsNudgeAction extends Kind<IBizAISettingsNudgeAction> {}
    namespace BizAISettingsNudgeAction {
      enum BizAISettingsCategory {
        UNKNOWN = 0,
        INSTRUCTIONS = 1,
        RESPONSE_SETTINGS = 2,
        EXAMPLE_RESPONSES = 3,
        KNOWLEDGE = 4,
        LEAD_GEN = 5,
      }
    }
    interface IBotWelcomeRequestAction {
      isSent?: boolean | null | undefined
    }
    interface BotWelcomeRequestAction extends IBotWelcomeRequestAction {}
    class BotWelcomeRequestAction extends Kind<IBotWelcomeRequestAction> {}
    interface IBroadcastListParticipant {
      lidJid?: string | null | undefined
      pnJid?: string | null | undefined
    }
    interface BroadcastListParticipant extends IBroadcastListParticipant {}
    class BroadcastListParticipant extends Kind<IBroadcastListParticipant> {
      lidJid: string
    }
    interface IBusinessBroadcastAssociationAction {
      deleted?: boolean | null | undefined
    }
    interface BusinessBroadcastAssociationAction extends IBusinessBroadcastAssociationAction {}
    class BusinessBroadcastAssociationAction extends Kind<IBusinessBroadcastAssociationAction> {}
    interface IBusinessBroadcastCampaignAction {
      deviceId?: number | null | undefined
      adId?: string | null | undefined
      name?: string | null | undefined
      msgId?: string | null | undefined
      broadcastJid?: string | null | undefined
      reservedQuota?: number | null | undefined
      scheduledTimestamp?: number | Long | null | undefined
      createTimestamp?: number | Long | null | undefined
      status?: proto.SyncActionValue.BusinessBroadcastCampaignStatus | null | undefined
    }
    interface BusinessBroadcastCampaignAction extends IBusinessBroadcastCampaignAction {}
    class BusinessBroadcastCampaignAction extends Kind<IBusinessBroadcastCampaignAction> {}
    enum BusinessBroadcastCampaignStatus {
      DRAFT = 1,
      SCHEDULED = 2,
      PROCESSING = 3,
      FAILED = 4,
      SENT = 5,
    }
    interface IBusinessBroadcastInsightsAction {
      recipientCount?: number | null | undefined
      deliveredCount?: number | null | undefined
      readCount?: number | null | undefined
      repliedCount?: number | null | undefined
      quickReplyCount?: number | null | undefined
    }
    interface BusinessBroadcastInsightsAction extends IBusinessBroadcastInsightsAction {}
    class BusinessBroadcastInsightsAction extends Kind<IBusinessBroadcastInsightsAction> {}
    interface IBusinessBroadcastListAction {
      deleted?: boolean | null | undefined
      participants?: proto.SyncActionValue.IBroadcastListParticipant[] | null | undefined
      listName?: string | null | undefined
      labelIds?: string[] | null | undefined
      audienceExpression?: string | null | undefined
    }
    interface BusinessBroadcastListAction extends IBusinessBroadcastListAction {}
    class BusinessBroadcastListAction extends Kind<IBusinessBroadcastListAction> {
      participants: proto.SyncActionValue.IBroadcastListParticipant[]
      labelIds: string[]
    }
    interface ICallLogAction {
      callLogRecord?: proto.ICallLogRecord | null | undefined
    }
    interface CallLogAction extends ICallLogAction {}
    class CallLogAction extends Kind<ICallLogAction> {}
    interface IChatAssignmentAction {
      deviceAgentId?: string | null | undefined
    }
    interface ChatAssignmentAction extends IChatAssignmentAction {}
    class ChatAssignmentAction extends Kind<IChatAssignmentAction> {}
    interface IChatAssignmentOpenedStatusAction {
      chatOpened?: boolean | null | undefined
    }
    interface ChatAssignmentOpenedStatusAction extends IChatAssignmentOpenedStatusAction {}
    class ChatAssignmentOpenedStatusAction extends Kind<IChatAssignmentOpenedStatusAction> {}
    interface IClearChatAction {
      messageRange?: proto.SyncActionValue.ISyncActionMessageRange | null | undefined
    }
    interface ClearChatAction extends IClearChatAction {}
    class ClearChatAction extends Kind<IClearChatAction> {}
    interface ICoexV2VersionAction {
      version?: number | Long | null | undefined
    }
    interface CoexV2VersionAction extends ICoexV2VersionAction {}
    class CoexV2VersionAction extends Kind<ICoexV2VersionAction> {}
    interface IContactAction {
      fullName?: string | null | undefined
      firstName?: string | null | undefined
      lidJid?: string | null | undefined
      saveOnPrimaryAddressbook?: boolean | null | undefined
      pnJid?: string | null | undefined
      username?: string | null | undefined
    }
    interface ContactAction extends IContactAction {}
    class ContactAction extends Kind<IContactAction> {}
    interface ICtwaPerCustomerDataSharingAction {
      isCtwaPerCustomerDataSharingEnabled?: boolean | null | undefined
    }
    interface CtwaPerCustomerDataSharingAction extends ICtwaPerCustomerDataSharingAction {}
    class CtwaPerCustomerDataSharingAction extends Kind<ICtwaPerCustomerDataSharingAction> {}
    interface ICustomPaymentMethod {
      credentialId?: string | null | undefined
      country?: string | null | undefined
      type?: string | null | undefined
      metadata?: proto.SyncActionValue.ICustomPaymentMethodMetadata[] | null | undefined
    }
    interface CustomPaymentMethod extends ICustomPaymentMethod {}
    class CustomPaymentMethod extends Kind<ICustomPaymentMethod> {
      credentialId: string
      country: string
      type: string
      metadata: proto.SyncActionValue.ICustomPaymentMethodMetadata[]
    }
    interface ICustomPaymentMethodMetadata {
      key?: string | null | undefined
      value?: string | null | undefined
    }
    interface CustomPaymentMethodMetadata extends ICustomPaymentMethodMetadata {}
    class CustomPaymentMethodMetadata extends Kind<ICustomPaymentMethodMetadata> {
      key: string
      value: string
    }
    interface ICustomPaymentMethodsAction {
      customPaymentMethods?: proto.SyncActionValue.ICustomPaymentMethod[] | null | undefined
    }
    interface CustomPaymentMethodsAction extends ICustomPaymentMethodsAction {}
    class CustomPaymentMethodsAction extends Kind<ICustomPaymentMethodsAction> {
      customPaymentMethods: proto.SyncActionValue.ICustomPaymentMethod[]
    }
    interface ICustomerDataAction {
      chatJid?: string | null | undefined
      contactType?: number | null | undefined
      email?: string | null | undefined
      altPhoneNumbers?: string | null | undefined
      birthday?: number | Long | null | undefined
      address?: string | null | undefined
      acquisitionSource?: number | null | undefined
      leadStage?: number | null | undefined
      lastOrder?: number | Long | null | undefined
      createdAt?: number | Long | null | undefined
      modifiedAt?: number | Long | null | undefined
    }
    interface CustomerDataAction extends ICustomerDataAction {}
    class CustomerDataAction extends Kind<ICustomerDataAction> {}
    interface IDeleteChatAction {
      messageRange?: proto.SyncActionValue.ISyncActionMessageRange | null | undefined
    }
    interface DeleteChatAction extends IDeleteChatAction {}
    class DeleteChatAction extends Kind<IDeleteChatAction> {}
    interface IDeleteIndividualCallLogAction {
      peerJid?: string | null | undefined
      isIncoming?: boolean | null | undefined
    }
    interface DeleteIndividualCallLogAction extends IDeleteIndividualCallLogAction {}
    class DeleteIndividualCallLogAction extends Kind<IDeleteIndividualCallLogAction> {}
    interface IDeleteMessageForMeAction {
      deleteMedia?: boolean | null | undefined
      messageTimestamp?: number | Long | null | undefined
    }
    interface DeleteMessageForMeAction extends IDeleteMessageForMeAction {}
    class DeleteMessageForMeAction extends Kind<IDeleteMessageForMeAction> {}
    interface IDetectedOutcomesStatusAction {
      isEnabled?: boolean | null | undefined
    }
    interface DetectedOutcomesStatusAction extends IDetectedOutcomesStatusAction {}
    class DetectedOutcomesStatusAction extends Kind<IDetectedOutcomesStatusAction> {}
    interface IExternalWebBetaAction {
      isOptIn?: boolean | null | undefined
    }
    interface ExternalWebBetaAction extends IExternalWebBetaAction {}
    class ExternalWebBetaAction extends Kind<IExternalWebBetaAction> {}
    interface IFavoritesAction {
      favorites?: proto.SyncActionValue.FavoritesAction.IFavorite[] | null | undefined
    }
    interface FavoritesAction extends IFavoritesAction {}
    class FavoritesAction extends Kind<IFavoritesAction> {
      favorites: proto.SyncActionValue.FavoritesAction.IFavorite[]
    }
    namespace FavoritesAction {
      interface IFavorite {
        id?: string | null | undefined
      }
      interface Favorite extends IFavorite {}
      class Favorite extends Kind<IFavorite> {}
    }
    interface IInteractiveMessageAction {
      type?: proto.SyncActionValue.InteractiveMessageAction.InteractiveMessageActionMode | null | undefined
      agmId?: string | null | undefined
    }
    interface InteractiveMessageAction extends IInteractiveMessageAction {}
    class InteractiveMessageAction extends Kind<IInteractiveMessageAction> {
      type: proto.SyncActionValue.InteractiveMessageAction.InteractiveMessageActionMode
    }
    namespace InteractiveMessageAction {
      enum InteractiveMessageActionMode {
        DISABLE_CTA = 1,
      }
    }
    interface IKeyExpiration {
      expiredKeyEpoch?: number | null | undefined
    }
    interface KeyExpiration extends IKeyExpiration {}
    class KeyExpiration extends Kind<IKeyExpiration> {}
    interface ILabelAssociationAction {
      labeled?: boolean | null | undefined
      modelMetaData?: string | null | undefined
    }
    interface LabelAssociationAction extends ILabelAssociationAction {}
    class LabelAssociationAction extends Kind<ILabelAssociationAction> {}
    interface ILabelEditAction {
      name?: string | null | undefined
      color?: number | null | undefined
      predefinedId?: number | null | undefined
      deleted?: boolean | null | undefined
      orderIndex?: number | null | undefined
      isActive?: boolean | null | undefined
      type?: proto.SyncActionValue.LabelEditAction.ListType | null | undefined
      isImmutable?: boolean | null | undefined
      muteEndTimeMs?: number | Long | null | undefined
    }
    interface LabelEditAction extends ILabelEditAction {}
    class LabelEditAction extends Kind<ILabelEditAction> {}
    namespace LabelEditAction {
      enum ListType {
        NONE = 0,
        UNREAD = 1,
        GROUPS = 2,
        FAVORITES = 3,
        PREDEFINED = 4,
        CUSTOM = 5,
        COMMUNITY = 6,
        SERVER_ASSIGNED = 7,
        DRAFTED = 8,
        AI_HANDOFF = 9,
        CHANNELS = 10,
        AI_RESPONDING = 11,
        ARCHIVED = 12,
        LOCKED = 13,
        INVITES = 14,
        THIRD_PARTY = 15,
      }
    }
    interface ILabelReorderingAction {
      sortedLabelIds?: number[] | null | undefined
    }
    interface LabelReorderingAction extends ILabelReorderingAction {}
    class LabelReorderingAction extends Kind<ILabelReorderingAction> {
      sortedLabelIds: number[]
    }
    interface ILidContactAction {
      fullName?: string | null | undefined
      firstName?: string | null | undefined
      username?: string | null | undefined
    }
    interface LidContactAction extends ILidContactAction {}
    class LidContactAction extends Kind<ILidContactAction> {}
    interface ILocaleSetting {
      locale?: string | null | undefined
    }
    interface LocaleSetting extends ILocaleSetting {}
    class LocaleSetting extends Kind<ILocaleSetting> {}
    interface ILockChatAction {
      locked?: boolean | null | undefined
    }
    interface LockChatAction extends ILockChatAction {}
    class LockChatAction extends Kind<ILockChatAction> {}
    interface IMaibaAIFeaturesControlAction {
      aiFeatureStatus?: proto.SyncActionValue.MaibaAIFeaturesControlAction.MaibaAIFeatureStatus | null | undefined
      aiReplyMode?: proto.SyncActionValue.MaibaAIFeaturesControlAction.MaibaAIReplyMode | null | undefined
    }
    interface MaibaAIFeaturesControlAction extends IMaibaAIFeaturesControlAction {}
    class MaibaAIFeaturesControlAction extends Kind<IMaibaAIFeaturesControlAction> {}
    namespace MaibaAIFeaturesControlAction {
      enum MaibaAIFeatureStatus {
        ENABLED = 0,
        ENABLED_HAS_LEARNING = 1,
        DISABLED = 2,
      }
      enum MaibaAIReplyMode {
        MUTED = 0,
        AI_AGENT = 1,
        SUGGESTIONS = 2,
      }
    }
    interface IMarkChatAsReadAction {
      read?: boolean | null | undefined
      messageRange?: proto.SyncActionValue.ISyncActionMessageRange | null | undefined
    }
    interface MarkChatAsReadAction extends IMarkChatAsReadAction {}
    class MarkChatAsReadAction extends Kind<IMarkChatAsReadAction> {}
    interface IMarketingMessageAction {
      name?: string | null | undefined
      message?: string | null | undefined
      type?: proto.SyncActionValue.MarketingMessageAction.MarketingMessagePrototypeType | null | undefined
      createdAt?: number | Long | null | undefined
      lastSentAt?: number | Long | null | undefined
      isDeleted?: boolean | null | undefined
      mediaId?: string | null | undefined
    }
    interface MarketingMessageAction extends IMarketingMessageAction {}
    class MarketingMessageAction extends Kind<IMarketingMessageAction> {}
    namespace MarketingMessageAction {
      enum MarketingMessagePrototypeType {
        PERSONALIZED = 0,
      }
    }
    interface IMarketingMessageBroadcastAction {
      repliedCount?: number | null | undefined
    }
    interface MarketingMessageBroadcastAction extends IMarketingMessageBroadcastAction {}
    class MarketingMessageBroadcastAction extends Kind<IMarketingMessageBroadcastAction> {}
    interface IMerchantPaymentPartnerAction {
      status?: proto.SyncActionValue.MerchantPaymentPartnerAction.Status | null | undefined
      country?: string | null | undefined
      gatewayName?: string | null | undefined
      credentialId?: string | null | undefined
    }
    interface MerchantPaymentPartnerAction extends IMerchantPaymentPartnerAction {}
    class MerchantPaymentPartnerAction extends Kind<IMerchantPaymentPartnerAction> {
      status: proto.SyncActionValue.MerchantPaymentPartnerAction.Status
      country: string
    }
    namespace MerchantPaymentPartnerAction {
      enum Status {
        ACTIVE = 0,
        INACTIVE = 1,
      }
    }
    interface IMusicUserIdAction {
      musicUserId?: string | null | undefined
      music_user_id_map?: { [key: string]: string } | null | undefined
    }
    interface MusicUserIdAction extends IMusicUserIdAction {}
    class MusicUserIdAction extends Kind<IMusicUserIdAction> {
      music_user_id_map: { [key: string]: string }
    }
    interface IMuteAction {
      muted?: boolean | null | undefined
      muteEndTimestamp?: number | Long | null | undefined
      autoMuted?: boolean | null | undefined
      muteEveryoneMentionEndTimestamp?: number | Long | null | undefined
    }
    interface MuteAction extends IMuteAction {}
    class MuteAction extends Kind<IMuteAction> {}
    interface INctSaltSyncAction {
      salt?: Uint8Array | null | undefined
    }
    interface NctSaltSyncAction extends INctSaltSyncAction {}
    class NctSaltSyncAction extends Kind<INctSaltSyncAction> {}
    interface INewsletterSavedInterestsAction {
      newsletterSavedInterests?: string | null | undefined
    }
    interface NewsletterSavedInterestsAction extends INewsletterSavedInterestsAction {}
    class NewsletterSavedInterestsAction extends Kind<INewsletterSavedInterestsAction> {}
    interface INoteEditAction {
      type?: proto.SyncActionValue.NoteEditAction.NoteType | null | undefined
      chatJid?: string | null | undefined
      createdAt?: number | Long | null | undefined
      deleted?: boolean | null | undefined
      unstructuredContent?: string | null | undefined
    }
    interface NoteEditAction extends INoteEditAction {}
    class NoteEditAction extends Kind<INoteEditAction> {}
    namespace NoteEditAction {
      enum NoteType {
        UNSTRUCTURED = 1,
        STRUCTURED = 2,
      }
    }
    interface INotificationActivitySettingAction {
      notificationActivitySetting?: proto.SyncActionValue.NotificationActivitySettingAction.NotificationActivitySetting | null | undefined
    }
    interface NotificationActivitySettingAction extends INotificationActivitySettingAction {}
    class NotificationActivitySettingAction extends Kind<INotificationActivitySettingAction> {}
    namespace NotificationActivitySettingAction {
      enum NotificationActivitySetting {
        DEFAULT_ALL_MESSAGES = 0,
        ALL_MESSAGES = 1,
        HIGHLIGHTS = 2,
        DEFAULT_HIGHLIGHTS = 3,
      }
    }
    interface INuxAction {
      acknowledged?: boolean | null | undefined
    }
    interface NuxAction extends INuxAction {}
    class NuxAction extends Kind<INuxAction> {}
    interface IOutContactAction {
      fullName?: string | null | undefined
      firstName?: string | null | undefined
    }
    interface OutContactAction extends IOutContactAction {}
    class OutContactAction extends Kind<IOutContactAction> {}
    interface IPaymentInfoAction {
      cpi?: string | null | undefined
    }
    interface PaymentInfoAction extends IPaymentInfoAction {}
    class PaymentInfoAction extends Kind<IPaymentInfoAction> {}
    interface IPaymentTosAction {
      paymentNotice?: proto.SyncActionValue.PaymentTosAction.PaymentNotice | null | undefined
      accepted?: boolean | null | undefined
    }
    interface PaymentTosAction extends IPaymentTosAction {}
    class PaymentTosAction extends Kind<IPaymentTosAction> {
      paymentNotice: proto.SyncActionValue.PaymentTosAction.PaymentNotice
      accepted: boolean
    }
    namespace PaymentTosAction {
      enum PaymentNotice {
        BR_PAY_PRIVACY_POLICY = 0,
      }
    }
    interface IPinAction {
      pinned?: boolean | null | undefined
    }
    interface PinAction extends IPinAction {}
    class PinAction extends Kind<IPinAction> {}
    interface IPnForLidChatAction {
      pnJid?: string | null | undefined
    }
    interface PnForLidChatAction extends IPnForLidChatAction {}
    class PnForLidChatAction extends Kind<IPnForLidChatAction> {}
    interface IPrimaryFeature {
      flags?: string[] | null | undefined
    }
    interface PrimaryFeature extends IPrimaryFeature {}
    class PrimaryFeature extends Kind<IPrimaryFeature> {
      flags: string[]
    }
    interface IPrimaryVersionAction {
      version?: string | null | undefined
    }
    interface PrimaryVersionAction extends IPrimaryVersionAction {}
    class PrimaryVersionAction extends Kind<IPrimaryVersionAction> {}
    interface IPrivacySettingChannelsPersonalisedRecommendationAction {
      isUserOptedOut?: boolean | null | undefined
    }
    interface PrivacySettingChannelsPersonalisedRecommendationAction extends IPrivacySettingChannelsPersonalisedRecommendationAction {}
    class PrivacySettingChannelsPersonalisedRecommendationAction extends Kind<IPrivacySettingChannelsPersonalisedRecommendationAction> {}
    interface IPrivacySettingDisableLinkPreviewsAction {
      isPreviewsDisabled?: boolean | null | undefined
    }
    interface PrivacySettingDisableLinkPreviewsAction extends IPrivacySettingDisableLinkPreviewsAction {}
    class PrivacySettingDisableLinkPreviewsAction extends Kind<IPrivacySettingDisableLinkPreviewsAction> {}
    interface IPrivacySettingRelayAllCalls {
      isEnabled?: boolean | null | undefined
    }
    interface PrivacySettingRelayAllCalls extends IPrivacySettingRelayAllCalls {}
    class PrivacySettingRelayAllCalls extends Kind<IPrivacySettingRelayAllCalls> {}
    interface IPrivateProcessingSettingAction {
      privateProcessingStatus?: proto.SyncActionValue.PrivateProcessingSettingAction.PrivateProcessingStatus | null | undefined
    }
    interface PrivateProcessingSettingAction extends IPrivateProcessingSettingAction {}
    class PrivateProcessingSettingAction extends Kind<IPrivateProcessingSettingAction> {}
    namespace PrivateProcessingSettingAction {
      enum PrivateProcessingStatus {
        UNDEFINED = 0,
        ENABLED = 1,
        DISABLED = 2,
      }
    }
    interface IPushNameSetting {
      name?: string | null | undefined
    }
    interface PushNameSetting extends IPushNameSetting {}
    class PushNameSetting extends Kind<IPushNameSetting> {}
    interface IQuickReplyAction {
      shortcut?: string | null | undefined
      message?: string | null | undefined
      keywords?: string[] | null | undefined
      count?: number | null | undefined
      deleted?: boolean | null | undefined
      associatedLabelIds?: string[] | null | undefined
    }
    interface QuickReplyAction extends IQuickReplyAction {}
    class QuickReplyAction extends Kind<IQuickReplyAction> {
      keywords: string[]
      associatedLabelIds: string[]
    }
    interface IRecentEmojiWeightsAction {
      weights?: proto.IRecentEmojiWeight[] | null | undefined
    }
    interface RecentEmojiWeightsAction extends IRecentEmojiWeightsAction {}
    class RecentEmojiWeightsAction extends Kind<IRecentEmojiWeightsAction> {
      weights: proto.IRecentEmojiWeight[]
    }
    interface IRemoveRecentStickerAction {
      lastStickerSentTs?: number | Long | null | undefined
    }
    interface RemoveRecentStickerAction extends IRemoveRecentStickerAction {}
    class RemoveRecentStickerAction extends Kind<IRemoveRecentStickerAction> {}
    interface ISettingsSyncAction {
      startAtLogin?: boolean | null | undefined
      minimizeToTray?: boolean | null | undefined
      language?: string | null | undefined
      replaceTextWithEmoji?: boolean | null | undefined
      bannerNotificationDisplayMode?: proto.SyncActionValue.SettingsSyncAction.DisplayMode | null | undefined
      unreadCounterBadgeDisplayMode?: proto.SyncActionValue.SettingsSyncAction.DisplayMode | null | undefined
      isMessagesNotificationEnabled?: boolean | null | undefined
      isCallsNotificationEnabled?: boolean | null | undefined
      isReactionsNotificationEnabled?: boolean | null | undefined
      isStatusReactionsNotificationEnabled?: boolean | null | undefined
      isTextPreviewForNotificationEnabled?: boolean | null | undefined
      defaultNotificationToneId?: number | null | undefined
      groupDefaultNotificationToneId?: number | null | undefined
      appTheme?: number | null | undefined
      wallpaperId?: number | null | undefined
      isDoodleWallpaperEnabled?: boolean | null | undefined
      fontSize?: number | null | undefined
      isPhotosAutodownloadEnabled?: boolean | null | undefined
      isAudiosAutodownloadEnabled?: boolean | null | undefined
      isVideosAutodownloadEnabled?: boolean | null | undefined
      isDocumentsAutodownloadEnabled?: boolean | null | undefined
      disableLinkPreviews?: boolean | null | undefined
      notificationToneId?: number | null | undefined
      mediaUploadQuality?: proto.SyncActionValue.SettingsSyncAction.MediaQualitySetting | null | undefined
      isSpellCheckEnabled?: boolean | null | undefined
      isEnterToSendEnabled?: boolean | null | undefined
      isGroupMessageNotificationEnabled?: boolean | null | undefined
      isGroupReactionsNotificationEnabled?: boolean | null | undefined
      isStatusNotificationEnabled?: boolean | null | undefined
      statusNotificationToneId?: number | null | undefined
      shouldPlaySoundForCallNotification?: boolean | null | undefined
      chatThemeId?: string | null | undefined
      colorSchemeId?: string | null | undefined
    }
    interface SettingsSyncAction extends ISettingsSyncAction {}
    class SettingsSyncAction extends Kind<ISettingsSyncAction> {}
    namespace SettingsSyncAction {
      enum DisplayMode {
        DISPLAY_MODE_UNKNOWN = 0,
        ALWAYS = 1,
        NEVER = 2,
        ONLY_WHEN_APP_IS_OPEN = 3,
      }
      enum MediaQualitySetting {
        MEDIA_QUALITY_UNKNOWN = 0,
        STANDARD = 1,
        HD = 2,
      }
      enum SettingKey {
        SETTING_KEY_UNKNOWN = 0,
        START_AT_LOGIN = 1,
        MINIMIZE_TO_TRAY = 2,
        LANGUAGE = 3,
        REPLACE_TEXT_WITH_EMOJI = 4,
        BANNER_NOTIFICATION_DISPLAY_MODE = 5,
        UNREAD_COUNTER_BADGE_DISPLAY_MODE = 6,
        IS_MESSAGES_NOTIFICATION_ENABLED = 7,
        IS_CALLS_NOTIFICATION_ENABLED = 8,
        IS_REACTIONS_NOTIFICATION_ENABLED = 9,
        IS_STATUS_REACTIONS_NOTIFICATION_ENABLED = 10,
        IS_TEXT_PREVIEW_FOR_NOTIFICATION_ENABLED = 11,
        DEFAULT_NOTIFICATION_TONE_ID = 12,
        GROUP_DEFAULT_NOTIFICATION_TONE_ID = 13,
        APP_THEME = 14,
        WALLPAPER_ID = 15,
        IS_DOODLE_WALLPAPER_ENABLED = 16,
        FONT_SIZE = 17,
        IS_PHOTOS_AUTODOWNLOAD_ENABLED = 18,
        IS_AUDIOS_AUTODOWNLOAD_ENABLED = 19,
        IS_VIDEOS_AUTODOWNLOAD_ENABLED = 20,
        IS_DOCUMENTS_AUTODOWNLOAD_ENABLED = 21,
        DISABLE_LINK_PREVIEWS = 22,
        NOTIFICATION_TONE_ID = 23,
        MEDIA_UPLOAD_QUALITY = 24,
        IS_SPELL_CHECK_ENABLED = 25,
        IS_ENTER_TO_SEND_ENABLED = 26,
        IS_GROUP_MESSAGE_NOTIFICATION_ENABLED = 27,
        IS_GROUP_REACTIONS_NOTIFICATION_ENABLED = 28,
        IS_STATUS_NOTIFICATION_ENABLED = 29,
        STATUS_NOTIFICATION_TONE_ID = 30,
        SHOULD_PLAY_SOUND_FOR_CALL_NOTIFICATION = 31,
        CHAT_THEME_ID = 32,
        COLOR_SCHEME_ID = 33,
      }
      enum SettingPlatform {
        PLATFORM_UNKNOWN = 0,
        WEB = 1,
        HYBRID = 2,
        WINDOWS = 3,
        MAC = 4,
      }
    }
    interface IStarAction {
      starred?: boolean | null | undefined
    }
    interface StarAction extends IStarAction {}
    class StarAction extends Kind<IStarAction> {}
    interface IStatusPostOptInNotificationPreferencesAction {
      enabled?: boolean | null | undefined
    }
    interface StatusPostOptInNotificationPreferencesAction extends IStatusPostOptInNotificationPreferencesAction {}
    class StatusPostOptInNotificationPreferencesAction extends Kind<IStatusPostOptInNotificationPreferencesAction> {}
    interface IStatusPrivacyAction {
      mode?: proto.SyncActionValue.StatusPrivacyAction.StatusDistributionMode | null | undefined
      userJid?: string[] | null | undefined
      shareToFb?: boolean | null | undefined
      shareToIg?: boolean | null | undefined
      customLists?: proto.SyncActionValue.StatusPrivacyAction.ICustomList[] | null | undefined
      modes?: proto.SyncActionValue.StatusPrivacyAction.StatusDistributionMode[] | null | undefined
    }
    interface StatusPrivacyAction extends IStatusPrivacyAction {}
    class StatusPrivacyAction extends Kind<IStatusPrivacyAction> {
      userJid: string[]
      customLists: proto.SyncActionValue.StatusPrivacyAction.ICustomList[]
      modes: proto.SyncActionValue.StatusPrivacyAction.StatusDistributionMode[]
    }
    namespace StatusPrivacyAction {
      interface ICustomList {
        listId?: string | null | undefined
        name?: string | null | undefined
        emoji?: string | null | undefined
        isSelected?: boolean | null | undefined
        userJid?: string[] | null | undefined
      }
      interface CustomList extends ICustomList {}
      class CustomList extends Kind<ICustomList> {
        userJid: string[]
      }
      enum StatusDistributionMode {
        ALLOW_LIST = 0,
        DENY_LIST = 1,
        CONTACTS = 2,
        CLOSE_FRIENDS = 3,
        CUSTOM_LIST = 4,
      }
    }
    interface IStickerAction {
      url?: string | null | undefined
      fileEncSha256?: Uint8Array | null | undefined
      mediaKey?: Uint8Array | null | undefined
      mimetype?: string | null | undefined
      height?: number | null | undefined
      width?: number | null | undefined
      directPath?: string | null | undefined
      fileLength?: number | Long | null | undefined
      isFavorite?: boolean | null | undefined
      deviceIdHint?: number | null | undefined
      isLottie?: boolean | null | undefined
      imageHash?: string | null | undefined
      isAvatarSticker?: boolean | null | undefined
    }
    interface StickerAction extends IStickerAction {}
    class StickerAction extends Kind<IStickerAction> {}
    interface ISubscriptionAction {
      isDeactivated?: boolean | null | undefined
      isAutoRenewing?: boolean | null | undefined
      expirationDate?: number | Long | null | undefined
    }
    interface SubscriptionAction extends ISubscriptionAction {}
    class SubscriptionAction extends Kind<ISubscriptionAction> {}
    interface ISubscriptionsSyncV2Action {
      subscriptions?: proto.SyncActionValue.SubscriptionsSyncV2Action.ISubscriptionInfo[] | null | undefined
      paidFeature?: proto.SyncActionValue.SubscriptionsSyncV2Action.IPaidFeature[] | null | undefined
    }
    interface SubscriptionsSyncV2Action extends ISubscriptionsSyncV2Action {}
    class SubscriptionsSyncV2Action extends Kind<ISubscriptionsSyncV2Action> {
      subscriptions: proto.SyncActionValue.SubscriptionsSyncV2Action.ISubscriptionInfo[]
      paidFeature: proto.SyncActionValue.SubscriptionsSyncV2Action.IPaidFeature[]
    }
    namespace SubscriptionsSyncV2Action {
      interface IPaidFeature {
        name?: string | null | undefined
        enabled?: boolean | null | undefined
        limit?: number | null | undefined
        expirationTime?: number | Long | null | undefined
      }
      interface PaidFeature extends IPaidFeature {}
      class PaidFeature extends Kind<IPaidFeature> {}
      interface ISubscriptionInfo {
        id?: string | null | undefined
        tier?: number | null | undefined
        status?: string | null | undefined
        startTime?: number | Long | null | undefined
        endTime?: number | Long | null | undefined
        isPlatformChanged?: boolean | null | undefined
        source?: string | null | undefined
        creationTime?: number | Long | null | undefined
      }
      interface SubscriptionInfo extends ISubscriptionInfo {}
      class SubscriptionInfo extends Kind<ISubscriptionInfo> {}
    }
    interface ISyncActionMessage {
      key?: proto.IMessageKey | null | undefined
      timestamp?: number | Long | null | undefined
    }
    interface SyncActionMessage extends ISyncActionMessage {}
    class SyncActionMessage extends Kind<ISyncActionMessage> {}
    interface ISyncActionMessageRange {
      lastMessageTimestamp?: number | Long | null | undefined
      lastSystemMessageTimestamp?: number | Long | null | undefined
      messages?: proto.SyncActionValue.ISyncActionMessage[] | null | undefined
    }
    interface SyncActionMessageRange extends ISyncActionMessageRange {}
    class SyncActionMessageRange extends Kind<ISyncActionMessageRange> {
      messages: proto.SyncActionValue.ISyncActionMessage[]
    }
    interface IThreadPinAction {
      pinned?: boolean | null | undefined
    }
    interface ThreadPinAction extends IThreadPinAction {}
    class ThreadPinAction extends Kind<IThreadPinAction> {}
    interface ITimeFormatAction {
      isTwentyFourHourFormatEnabled?: boolean | null | undefined
    }
    interface TimeFormatAction extends ITimeFormatAction {}
    class TimeFormatAction extends Kind<ITimeFormatAction> {}
    interface IUGCBot {
      definition?: Uint8Array | null | undefined
    }
    interface UGCBot extends IUGCBot {}
    class UGCBot extends Kind<IUGCBot> {}
    interface IUnarchiveChatsSetting {
      unarchiveChats?: boolean | null | undefined
    }
    interface UnarchiveChatsSetting extends IUnarchiveChatsSetting {}
    class UnarchiveChatsSetting extends Kind<IUnarchiveChatsSetting> {}
    interface IUserStatusMuteAction {
      muted?: boolean | null | undefined
    }
    interface UserStatusMuteAction extends IUserStatusMuteAction {}
    class UserStatusMuteAction extends Kind<IUserStatusMuteAction> {}
    interface IUsernameChatStartModeAction {
      chatStartMode?: proto.SyncActionValue.UsernameChatStartModeAction.ChatStartMode | null | undefined
    }
    interface UsernameChatStartModeAction extends IUsernameChatStartModeAction {}
    class UsernameChatStartModeAction extends Kind<IUsernameChatStartModeAction> {}
    namespace UsernameChatStartModeAction {
      enum ChatStartMode {
        LID = 1,
        PN = 2,
      }
    }
    interface IWASARootSecretAction {
      secrets?: proto.SyncActionValue.WASARootSecretAction.IRootSecretEntry[] | null | undefined
    }
    interface WASARootSecretAction extends IWASARootSecretAction {}
    class WASARootSecretAction extends Kind<IWASARootSecretAction> {
      secrets: proto.SyncActionValue.WASARootSecretAction.IRootSecretEntry[]
    }
    namespace WASARootSecretAction {
      interface IRootSecretEntry {
        id?: string | null | undefined
        rootSecret?: Uint8Array | null | undefined
        epoch?: number | Long | null | undefined
      }
      interface RootSecretEntry extends IRootSecretEntry {}
      class RootSecretEntry extends Kind<IRootSecretEntry> {}
    }
    interface IWaffleAccountLinkStateAction {
      linkState?: proto.SyncActionValue.WaffleAccountLinkStateAction.AccountLinkState | null | undefined
    }
    interface WaffleAccountLinkStateAction extends IWaffleAccountLinkStateAction {}
    class WaffleAccountLinkStateAction extends Kind<IWaffleAccountLinkStateAction> {}
    namespace WaffleAccountLinkStateAction {
      enum AccountLinkState {
        ACTIVE = 0,
        PAUSED = 1,
        UNLINKED = 2,
      }
    }
    interface IWamoUserIdentifierAction {
      identifier?: string | null | undefined
    }
    interface WamoUserIdentifierAction extends IWamoUserIdentifierAction {}
    class WamoUserIdentifierAction extends Kind<IWamoUserIdentifierAction> {}
  }
  interface ISyncdIndex {
    blob?: Uint8Array | null | undefined
  }
  interface SyncdIndex extends ISyncdIndex {}
  class SyncdIndex extends Kind<ISyncdIndex> {}
  interface ISyncdMutation {
    operation?: proto.SyncdMutation.SyncdOperation | null | undefined
    record?: proto.ISyncdRecord | null | undefined
  }
  interface SyncdMutation extends ISyncdMutation {}
  class SyncdMutation extends Kind<ISyncdMutation> {}
  namespace SyncdMutation {
    enum SyncdOperation {
      SET = 0,
      REMOVE = 1,
    }
  }
  interface ISyncdMutations {
    mutations?: proto.ISyncdMutation[] | null | undefined
  }
  interface SyncdMutations extends ISyncdMutations {}
  class SyncdMutations extends Kind<ISyncdMutations> {
    mutations: proto.ISyncdMutation[]
  }
  interface ISyncdPatch {
    version?: proto.ISyncdVersion | null | undefined
    mutations?: proto.ISyncdMutation[] | null | undefined
    externalMutations?: proto.IExternalBlobReference | null | undefined
    snapshotMac?: Uint8Array | null | undefined
    patchMac?: Uint8Array | null | undefined
    keyId?: proto.IKeyId | null | undefined
    exitCode?: proto.IExitCode | null | undefined
    deviceIndex?: number | null | undefined
    clientDebugData?: Uint8Array | null | undefined
  }
  interface SyncdPatch extends ISyncdPatch {}
  class SyncdPatch extends Kind<ISyncdPatch> {
    mutations: proto.ISyncdMutation[]
  }
  interface ISyncdPlainTextRecord {
    value?: proto.ISyncActionData | null | undefined
    keyId?: Uint8Array | null | undefined
    mac?: Uint8Array | null | undefined
  }
  interface SyncdPlainTextRecord extends ISyncdPlainTextRecord {}
  class SyncdPlainTextRecord extends Kind<ISyncdPlainTextRecord> {}
  interface ISyncdRecord {
    index?: proto.ISyncdIndex | null | undefined
    value?: proto.ISyncdValue | null | undefined
    keyId?: proto.IKeyId | null | undefined
  }
  interface SyncdRecord extends ISyncdRecord {}
  class SyncdRecord extends Kind<ISyncdRecord> {}
  interface ISyncdSnapshot {
    version?: proto.ISyncdVersion | null | undefined
    records?: proto.ISyncdRecord[] | null | undefined
    mac?: Uint8Array | null | undefined
    keyId?: proto.IKeyId | null | undefined
  }
  interface SyncdSnapshot extends ISyncdSnapshot {}
  class SyncdSnapshot extends Kind<ISyncdSnapshot> {
    records: proto.ISyncdRecord[]
  }
  interface ISyncdSnapshotRecovery {
    version?: proto.ISyncdVersion | null | undefined
    collectionName?: string | null | undefined
    mutationRecords?: proto.ISyncdPlainTextRecord[] | null | undefined
    collectionLthash?: Uint8Array | null | undefined
  }
  interface SyncdSnapshotRecovery extends ISyncdSnapshotRecovery {}
  class SyncdSnapshotRecovery extends Kind<ISyncdSnapshotRecovery> {
    mutationRecords: proto.ISyncdPlainTextRecord[]
  }
  interface ISyncdValue {
    blob?: Uint8Array | null | undefined
  }
  interface SyncdValue extends ISyncdValue {}
  class SyncdValue extends Kind<ISyncdValue> {}
  interface ISyncdVersion {
    version?: number | Long | null | undefined
  }
  interface SyncdVersion extends ISyncdVersion {}
  class SyncdVersion extends Kind<ISyncdVersion> {}
  interface ITapLinkAction {
    title?: string | null | undefined
    tapUrl?: string | null | undefined
  }
  interface TapLinkAction extends ITapLinkAction {}
  class TapLinkAction extends Kind<ITapLinkAction> {}
  interface ITemplateButton {
    index?: number | null | undefined
    quickReplyButton?: proto.TemplateButton.IQuickReplyButton | null | undefined
    urlButton?: proto.TemplateButton.IURLButton | null | undefined
    callButton?: proto.TemplateButton.ICallButton | null | undefined
  }
  interface TemplateButton extends ITemplateButton {}
  class TemplateButton extends Kind<ITemplateButton> {
    button?: 'quickReplyButton' | 'urlButton' | 'callButton' | undefined
  }
  namespace TemplateButton {
    interface ICallButton {
      displayText?: proto.Message.IHighlyStructuredMessage | null | undefined
      phoneNumber?: proto.Message.IHighlyStructuredMessage | null | undefined
    }
    interface CallButton extends ICallButton {}
    class CallButton extends Kind<ICallButton> {}
    interface IQuickReplyButton {
      displayText?: proto.Message.IHighlyStructuredMessage | null | undefined
      id?: string | null | undefined
    }
    interface QuickReplyButton extends IQuickReplyButton {}
    class QuickReplyButton extends Kind<IQuickReplyButton> {}
    interface IURLButton {
      displayText?: proto.Message.IHighlyStructuredMessage | null | undefined
      url?: proto.Message.IHighlyStructuredMessage | null | undefined
    }
    interface URLButton extends IURLButton {}
    class URLButton extends Kind<IURLButton> {}
  }
  interface IThreadID {
    threadType?: proto.ThreadID.ThreadType | null | undefined
    threadKey?: proto.IMessageKey | null | undefined
  }
  interface ThreadID extends IThreadID {}
  class ThreadID extends Kind<IThreadID> {}
  namespace ThreadID {
    enum ThreadType {
      UNKNOWN = 0,
      VIEW_REPLIES = 1,
      AI_THREAD = 2,
    }
  }
  interface IUnCountedAssociatedMessageList {
    messages?: proto.IWebMessageInfo[] | null | undefined
    parentMessage?: proto.IMessageKey | null | undefined
    associationType?: proto.MessageAssociation.AssociationType | null | undefined
  }
  interface UnCountedAssociatedMessageList extends IUnCountedAssociatedMessageList {}
  class UnCountedAssociatedMessageList extends Kind<IUnCountedAssociatedMessageList> {
    messages: proto.IWebMessageInfo[]
  }
  interface IUnCountedAssociatedMessageListWithMessageBytes {
    messages?: proto.IWebMessageInfoWithMessageBytes[] | null | undefined
    parentMessage?: proto.IMessageKey | null | undefined
  }
  interface UnCountedAssociatedMessageListWithMessageBytes extends IUnCountedAssociatedMessageListWithMessageBytes {}
  class UnCountedAssociatedMessageListWithMessageBytes extends Kind<IUnCountedAssociatedMessageListWithMessageBytes> {
    messages: proto.IWebMessageInfoWithMessageBytes[]
  }
  interface IUrlTrackingMap {
    urlTrackingMapElements?: proto.UrlTrackingMap.IUrlTrackingMapElement[] | null | undefined
  }
  interface UrlTrackingMap extends IUrlTrackingMap {}
  class UrlTrackingMap extends Kind<IUrlTrackingMap> {
    urlTrackingMapElements: proto.UrlTrackingMap.IUrlTrackingMapElement[]
  }
  namespace UrlTrackingMap {
    interface IUrlTrackingMapElement {
      originalUrl?: string | null | undefined
      unconsentedUsersUrl?: string | null | undefined
      consentedUsersUrl?: string | null | undefined
      cardIndex?: number | null | undefined
    }
    interface UrlTrackingMapElement extends IUrlTrackingMapElement {}
    class UrlTrackingMapElement extends Kind<IUrlTrackingMapElement> {}
  }
  interface IUserPassword {
    encoding?: proto.UserPassword.Encoding | null | undefined
    transformer?: proto.UserPassword.Transformer | null | undefined
    transformerArg?: proto.UserPassword.ITransformerArg[] | null | undefined
    transformedData?: Uint8Array | null | undefined
  }
  interface UserPassword extends IUserPassword {}
  class UserPassword extends Kind<IUserPassword> {
    transformerArg: proto.UserPassword.ITransformerArg[]
  }
  namespace UserPassword {
    enum Encoding {
      UTF8 = 0,
      UTF8_BROKEN = 1,
    }
    enum Transformer {
      NONE = 0,
      PBKDF2_HMAC_SHA512 = 1,
      PBKDF2_HMAC_SHA384 = 2,
    }
    interface ITransformerArg {
      key?: string | null | undefined
      value?: proto.UserPassword.TransformerArg.IValue | null | undefined
    }
    interface TransformerArg extends ITransformerArg {}
    class TransformerArg extends Kind<ITransformerArg> {}
    namespace TransformerArg {
      interface IValue {
        asBlob?: Uint8Array | null | undefined
        asUnsignedInteger?: number | null | undefined
      }
      interface Value extends IValue {}
      class Value extends Kind<IValue> {
        value?: 'asBlob' | 'asUnsignedInteger' | undefined
      }
    }
  }
  interface IUserReceipt {
    userJid?: string | null | undefined
    receiptTimestamp?: number | Long | null | undefined
    readTimestamp?: number | Long | null | undefined
    playedTimestamp?: number | Long | null | undefined
    pendingDeviceJid?: string[] | null | undefined
    deliveredDeviceJid?: string[] | null | undefined
  }
  interface UserReceipt extends IUserReceipt {}
  class UserReceipt extends Kind<IUserReceipt> {
    userJid: string
    pendingDeviceJid: string[]
    deliveredDeviceJid: string[]
  }
  interface IVerifiedNameCertificate {
    details?: Uint8Array | null | undefined
    signature?: Uint8Array | null | undefined
    serverSignature?: Uint8Array | null | undefined
  }
  interface VerifiedNameCertificate extends IVerifiedNameCertificate {}
  class VerifiedNameCertificate extends Kind<IVerifiedNameCertificate> {}
  namespace VerifiedNameCertificate {
    interface IDetails {
      serial?: number | Long | null | undefined
      issuer?: string | null | undefined
      verifiedName?: string | null | undefined
      localizedNames?: proto.ILocalizedName[] | null | undefined
      issueTime?: number | Long | null | undefined
    }
    interface Details extends IDetails {}
    class Details extends Kind<IDetails> {
      localizedNames: proto.ILocalizedName[]
    }
  }
  interface IVirtualDeviceOutput {
    vdId?: Uint8Array | null | undefined
    vdPublicKey?: Uint8Array | null | undefined
    vdEpochStoragePublicKey?: Uint8Array | null | undefined
    vdEpochStoragePublicKeySig?: Uint8Array | null | undefined
    ocmfRotationToken?: Uint8Array | null | undefined
    deviceEpochHmac?: Uint8Array | null | undefined
    encryptedSecretValues?: proto.IEncryptedSecretValuesOutput | null | undefined
  }
  interface VirtualDeviceOutput extends IVirtualDeviceOutput {}
  class VirtualDeviceOutput extends Kind<IVirtualDeviceOutput> {
    vdId: Uint8Array
    vdPublicKey: Uint8Array
    vdEpochStoragePublicKey: Uint8Array
    vdEpochStoragePublicKeySig: Uint8Array
    ocmfRotationToken: Uint8Array
    deviceEpochHmac: Uint8Array
    encryptedSecretValues: proto.IEncryptedSecretValuesOutput
  }
  interface IWallpaperSettings {
    filename?: string | null | undefined
    opacity?: number | null | undefined
    isGenAi?: boolean | null | undefined
  }
  interface WallpaperSettings extends IWallpaperSettings {}
  class WallpaperSettings extends Kind<IWallpaperSettings> {}
  interface IWebFeatures {
    labelsDisplay?: proto.WebFeatures.Flag | null | undefined
    voipIndividualOutgoing?: proto.WebFeatures.Flag | null | undefined
    groupsV3?: proto.WebFeatures.Flag | null | undefined
    groupsV3Create?: proto.WebFeatures.Flag | null | undefined
    changeNumberV2?: proto.WebFeatures.Flag | null | undefined
    queryStatusV3Thumbnail?: proto.WebFeatures.Flag | null | undefined
    liveLocations?: proto.WebFeatures.Flag | null | undefined
    queryVname?: proto.WebFeatures.Flag | null | undefined
    voipIndividualIncoming?: proto.WebFeatures.Flag | null | undefined
    quickRepliesQuery?: proto.WebFeatures.Flag | null | undefined
    payments?: proto.WebFeatures.Flag | null | undefined
    stickerPackQuery?: proto.WebFeatures.Flag | null | undefined
    liveLocationsFinal?: proto.WebFeatures.Flag | null | undefined
    labelsEdit?: proto.WebFeatures.Flag | null | undefined
    mediaUpload?: proto.WebFeatures.Flag | null | undefined
    mediaUploadRichQuickReplies?: proto.WebFeatures.Flag | null | undefined
    vnameV2?: proto.WebFeatures.Flag | null | undefined
    videoPlaybackUrl?: proto.WebFeatures.Flag | null | undefined
    statusRanking?: proto.WebFeatures.Flag | null | undefined
    voipIndividualVideo?: proto.WebFeatures.Flag | null | undefined
    thirdPartyStickers?: proto.WebFeatures.Flag | null | undefined
    frequentlyForwardedSetting?: proto.WebFeatures.Flag | null | undefined
    groupsV4JoinPermission?: proto.WebFeatures.Flag | null | undefined
    recentStickers?: proto.WebFeatures.Flag | null | undefined
    catalog?: proto.WebFeatures.Flag | null | undefined
    starredStickers?: proto.WebFeatures.Flag | null | undefined
    voipGroupCall?: proto.WebFeatures.Flag | null | undefined
    templateMessage?: proto.WebFeatures.Flag | null | undefined
    templateMessageInteractivity?: proto.WebFeatures.Flag | null | undefined
    ephemeralMessages?: proto.WebFeatures.Flag | null | undefined
    e2ENotificationSync?: proto.WebFeatures.Flag | null | undefined
    recentStickersV2?: proto.WebFeatures.Flag | null | undefined
    recentStickersV3?: proto.WebFeatures.Flag | null | undefined
    userNotice?: proto.WebFeatures.Flag | null | undefined
    support?: proto.WebFeatures.Flag | null | undefined
    groupUiiCleanup?: proto.WebFeatures.Flag | null | undefined
    groupDogfoodingInternalOnly?: proto.WebFeatures.Flag | null | undefined
    settingsSync?: proto.WebFeatures.Flag | null | undefined
    archiveV2?: proto.WebFeatures.Flag | null | undefined
    ephemeralAllowGroupMembers?: proto.WebFeatures.Flag | null | undefined
    ephemeral24HDuration?: proto.WebFeatures.Flag | null | undefined
    mdForceUpgrade?: proto.WebFeatures.Flag | null | undefined
    disappearingMode?: proto.WebFeatures.Flag | null | undefined
    externalMdOptInAvailable?: proto.WebFeatures.Flag | null | undefined
    noDeleteMessageTimeLimit?: proto.WebFeatures.Flag | null | undefined
  }
  interface WebFeatures extends IWebFeatures {}
  class WebFeatures extends Kind<IWebFeatures> {}
  namespace WebFeatures {
    enum Flag {
      NOT_STARTED = 0,
      FORCE_UPGRADE = 1,
      DEVELOPMENT = 2,
      PRODUCTION = 3,
    }
  }
  enum WebLinkRenderConfig {
    WEBVIEW = 0,
    SYSTEM = 1,
  }
  interface IWebMessageInfo {
    key?: proto.IMessageKey | null | undefined
    message?: proto.IMessage | null | undefined
    messageTimestamp?: number | Long | null | undefined
    status?: proto.WebMessageInfo.Status | null | undefined
    participant?: string | null | undefined
    messageC2STimestamp?: number | Long | null | undefined
    ignore?: boolean | null | undefined
    starred?: boolean | null | undefined
    broadcast?: boolean | null | undefined
    pushName?: string | null | undefined
    mediaCiphertextSha256?: Uint8Array | null | undefined
    multicast?: boolean | null | undefined
    urlText?: boolean | null | undefined
    urlNumber?: boolean | null | undefined
    messageStubType?: proto.WebMessageInfo.StubType | null | undefined
    clearMedia?: boolean | null | undefined
    messageStubParameters?: string[] | null | undefined
    duration?: number | null | undefined
    labels?: string[] | null | undefined
    paymentInfo?: proto.IPaymentInfo | null | undefined
    finalLiveLocation?: proto.Message.ILiveLocationMessage | null | undefined
    quotedPaymentInfo?: proto.IPaymentInfo | null | undefined
    ephemeralStartTimestamp?: number | Long | null | undefined
    ephemeralDuration?: number | null | undefined
    ephemeralOffToOn?: boolean | null | undefined
    ephemeralOutOfSync?: boolean | null | undefined
    bizPrivacyStatus?: proto.WebMessageInfo.BizPrivacyStatus | null | undefined
    verifiedBizName?: string | null | undefined
    mediaData?: proto.IMediaData | null | undefined
    photoChange?: proto.IPhotoChange | null | undefined
    userReceipt?: proto.IUserReceipt[] | null | undefined
    reactions?: proto.IReaction[] | null | undefined
    quotedStickerData?: proto.IMediaData | null | undefined
    futureproofData?: Uint8Array | null | undefined
    statusPsa?: proto.IStatusPSA | null | undefined
    pollUpdates?: proto.IPollUpdate[] | null | undefined
    pollAdditionalMetadata?: proto.IPollAdditionalMetadata | null | undefined
    agentId?: string | null | undefined
    statusAlreadyViewed?: boolean | null | undefined
    messageSecret?: Uint8Array | null | undefined
    keepInChat?: proto.IKeepInChat | null | undefined
    originalSelfAuthorUserJidString?: string | null | undefined
    revokeMessageTimestamp?: number | Long | null | undefined
    pinInChat?: proto.IPinInChat | null | undefined
    premiumMessageInfo?: proto.IPremiumMessageInfo | null | undefined
    is1PBizBotMessage?: boolean | null | undefined
    isGroupHistoryMessage?: boolean | null | undefined
    botMessageInvokerJid?: string | null | undefined
    commentMetadata?: proto.ICommentMetadata | null | undefined
    eventResponses?: proto.IEventResponse[] | null | undefined
    reportingTokenInfo?: proto.IReportingTokenInfo | null | undefined
    newsletterServerId?: number | Long | null | undefined
    eventAdditionalMetadata?: proto.IEventAdditionalMetadata | null | undefined
    isMentionedInStatus?: boolean | null | undefined
    statusMentions?: string[] | null | undefined
    targetMessageId?: proto.IMessageKey | null | undefined
    messageAddOns?: proto.IMessageAddOn[] | null | undefined
    statusMentionMessageInfo?: proto.IStatusMentionMessage | null | undefined
    isSupportAiMessage?: boolean | null | undefined
    statusMentionSources?: string[] | null | undefined
    supportAiCitations?: proto.ICitation[] | null | undefined
    botTargetId?: string | null | undefined
    groupHistoryIndividualMessageInfo?: proto.IGroupHistoryIndividualMessageInfo | null | undefined
    groupHistoryBundleInfo?: proto.IGroupHistoryBundleInfo | null | undefined
    interactiveMessageAdditionalMetadata?: proto.IInteractiveMessageAdditionalMetadata | null | undefined
    quarantinedMessage?: proto.IQuarantinedMessage | null | undefined
    nonJidMentions?: number | null | undefined
    hsmTag?: string | null | undefined
    ephemeralExpirationTimestamp?: number | Long | null | undefined
    scheduledMessageMetadata?: proto.IScheduledMessageMetadata | null | undefined
    decisionId?: string | null | undefined
    decisionSources?: string[] | null | undefined
  }
  interface WebMessageInfo extends IWebMessageInfo {}
  class WebMessageInfo extends Kind<IWebMessageInfo> {
    key: proto.IMessageKey
    messageStubParameters: string[]
    labels: string[]
    userReceipt: proto.IUserReceipt[]
    reactions: proto.IReaction[]
    pollUpdates: proto.IPollUpdate[]
    eventResponses: proto.IEventResponse[]
    statusMentions: string[]
    messageAddOns: proto.IMessageAddOn[]
    statusMentionSources: string[]
    supportAiCitations: proto.ICitation[]
    decisionSources: string[]
  }
  namespace WebMessageInfo {
    enum BizPrivacyStatus {
      E2EE = 0,
      FB = 2,
      BSP = 1,
      BSP_AND_FB = 3,
    }
    enum Status {
      ERROR = 0,
      PENDING = 1,
      SERVER_ACK = 2,
      DELIVERY_ACK = 3,
      READ = 4,
      PLAYED = 5,
    }
    enum StubType {
      UNKNOWN = 0,
      REVOKE = 1,
      CIPHERTEXT = 2,
      FUTUREPROOF = 3,
      NON_VERIFIED_TRANSITION = 4,
      UNVERIFIED_TRANSITION = 5,
      VERIFIED_TRANSITION = 6,
      VERIFIED_LOW_UNKNOWN = 7,
      VERIFIED_HIGH = 8,
      VERIFIED_INITIAL_UNKNOWN = 9,
      VERIFIED_INITIAL_LOW = 10,
      VERIFIED_INITIAL_HIGH = 11,
      VERIFIED_TRANSITION_ANY_TO_NONE = 12,
      VERIFIED_TRANSITION_ANY_TO_HIGH = 13,
      VERIFIED_TRANSITION_HIGH_TO_LOW = 14,
      VERIFIED_TRANSITION_HIGH_TO_UNKNOWN = 15,
      VERIFIED_TRANSITION_UNKNOWN_TO_LOW = 16,
      VERIFIED_TRANSITION_LOW_TO_UNKNOWN = 17,
      VERIFIED_TRANSITION_NONE_TO_LOW = 18,
      VERIFIED_TRANSITION_NONE_TO_UNKNOWN = 19,
      GROUP_CREATE = 20,
      GROUP_CHANGE_SUBJECT = 21,
      GROUP_CHANGE_ICON = 22,
      GROUP_CHANGE_INVITE_LINK = 23,
      GROUP_CHANGE_DESCRIPTION = 24,
      GROUP_CHANGE_RESTRICT = 25,
      GROUP_CHANGE_ANNOUNCE = 26,
      GROUP_PARTICIPANT_ADD = 27,
      GROUP_PARTICIPANT_REMOVE = 28,
      GROUP_PARTICIPANT_PROMOTE = 29,
      GROUP_PARTICIPANT_DEMOTE = 30,
      GROUP_PARTICIPANT_INVITE = 31,
      GROUP_PARTICIPANT_LEAVE = 32,
      GROUP_PARTICIPANT_CHANGE_NUMBER = 33,
      BROADCAST_CREATE = 34,
      BROADCAST_ADD = 35,
      BROADCAST_REMOVE = 36,
      GENERIC_NOTIFICATION = 37,
      E2E_IDENTITY_CHANGED = 38,
      E2E_ENCRYPTED = 39,
      CALL_MISSED_VOICE = 40,
      CALL_MISSED_VIDEO = 41,
      INDIVIDUAL_CHANGE_NUMBER = 42,
      GROUP_DELETE = 43,
      GROUP_ANNOUNCE_MODE_MESSAGE_BOUNCE = 44,
      CALL_MISSED_GROUP_VOICE = 45,
      CALL_MISSED_GROUP_VIDEO = 46,
      PAYMENT_CIPHERTEXT = 47,
      PAYMENT_FUTUREPROOF = 48,
      PAYMENT_TRANSACTION_STATUS_UPDATE_FAILED = 49,
      PAYMENT_TRANSACTION_STATUS_UPDATE_REFUNDED = 50,
      PAYMENT_TRANSACTION_STATUS_UPDATE_REFUND_FAILED = 51,
      PAYMENT_TRANSACTION_STATUS_RECEIVER_PENDING_SETUP = 52,
      PAYMENT_TRANSACTION_STATUS_RECEIVER_SUCCESS_AFTER_HICCUP = 53,
      PAYMENT_ACTION_ACCOUNT_SETUP_REMINDER = 54,
      PAYMENT_ACTION_SEND_PAYMENT_REMINDER = 55,
      PAYMENT_ACTION_SEND_PAYMENT_INVITATION = 56,
      PAYMENT_ACTION_REQUEST_DECLINED = 57,
      PAYMENT_ACTION_REQUEST_EXPIRED = 58,
      PAYMENT_ACTION_REQUEST_CANCELLED = 59,
      BIZ_VERIFIED_TRANSITION_TOP_TO_BOTTOM = 60,
      BIZ_VERIFIED_TRANSITION_BOTTOM_TO_TOP = 61,
      BIZ_INTRO_TOP = 62,
      BIZ_INTRO_BOTTOM = 63,
      BIZ_NAME_CHANGE = 64,
      BIZ_MOVE_TO_CONSUMER_APP = 65,
      BIZ_TWO_TIER_MIGRATION_TOP = 66,
      BIZ_TWO_TIER_MIGRATION_BOTTOM = 67,
      OVERSIZED = 68,
      GROUP_CHANGE_NO_FREQUENTLY_FORWARDED = 69,
      GROUP_V4_ADD_INVITE_SENT = 70,
      GROUP_PARTICIPANT_ADD_REQUEST_JOIN = 71,
      CHANGE_EPHEMERAL_SETTING = 72,
      E2E_DEVICE_CHANGED = 73,
      VIEWED_ONCE = 74,
      E2E_ENCRYPTED_NOW = 75,
      BLUE_MSG_BSP_FB_TO_BSP_PREMISE = 76,
      BLUE_MSG_BSP_FB_TO_SELF_FB = 77,
      BLUE_MSG_BSP_FB_TO_SELF_PREMISE = 78,
      BLUE_MSG_BSP_FB_UNVERIFIED = 79,
      BLUE_MSG_BSP_FB_UNVERIFIED_TO_SELF_PREMISE_VERIFIED = 80,
      BLUE_MSG_BSP_FB_VERIFIED = 81,
      BLUE_MSG_BSP_FB_VERIFIED_TO_SELF_PREMISE_UNVERIFIED = 82,
      BLUE_MSG_BSP_PREMISE_TO_SELF_PREMISE = 83,
      BLUE_MSG_BSP_PREMISE_UNVERIFIED = 84,
      BLUE_MSG_BSP_PREMISE_UNVERIFIED_TO_SELF_PREMISE_VERIFIED = 85,
      BLUE_MSG_BSP_PREMISE_VERIFIED = 86,
      BLUE_MSG_BSP_PREMISE_VERIFIED_TO_SELF_PREMISE_UNVERIFIED = 87,
      BLUE_MSG_CONSUMER_TO_BSP_FB_UNVERIFIED = 88,
      BLUE_MSG_CONSUMER_TO_BSP_PREMISE_UNVERIFIED = 89,
      BLUE_MSG_CONSUMER_TO_SELF_FB_UNVERIFIED = 90,
      BLUE_MSG_CONSUMER_TO_SELF_PREMISE_UNVERIFIED = 91,
      BLUE_MSG_SELF_FB_TO_BSP_PREMISE = 92,
      BLUE_MSG_SELF_FB_TO_SELF_PREMISE = 93,
      BLUE_MSG_SELF_FB_UNVERIFIED = 94,
      BLUE_MSG_SELF_FB_UNVERIFIED_TO_SELF_PREMISE_VERIFIED = 95,
      BLUE_MSG_SELF_FB_VERIFIED = 96,
      BLUE_MSG_SELF_FB_VERIFIED_TO_SELF_PREMISE_UNVERIFIED = 97,
      BLUE_MSG_SELF_PREMISE_TO_BSP_PREMISE = 98,
      BLUE_MSG_SELF_PREMISE_UNVERIFIED = 99,
      BLUE_MSG_SELF_PREMISE_VERIFIED = 100,
      BLUE_MSG_TO_BSP_FB = 101,
      BLUE_MSG_TO_CONSUMER = 102,
      BLUE_MSG_TO_SELF_FB = 103,
      BLUE_MSG_UNVERIFIED_TO_BSP_FB_VERIFIED = 104,
      BLUE_MSG_UNVERIFIED_TO_BSP_PREMISE_VERIFIED = 105,
      BLUE_MSG_UNVERIFIED_TO_SELF_FB_VERIFIED = 106,
      BLUE_MSG_UNVERIFIED_TO_VERIFIED = 107,
      BLUE_MSG_VERIFIED_TO_BSP_FB_UNVERIFIED = 108,
      BLUE_MSG_VERIFIED_TO_BSP_PREMISE_UNVERIFIED = 109,
      BLUE_MSG_VERIFIED_TO_SELF_FB_UNVERIFIED = 110,
      BLUE_MSG_VERIFIED_TO_UNVERIFIED = 111,
      BLUE_MSG_BSP_FB_UNVERIFIED_TO_BSP_PREMISE_VERIFIED = 112,
      BLUE_MSG_BSP_FB_UNVERIFIED_TO_SELF_FB_VERIFIED = 113,
      BLUE_MSG_BSP_FB_VERIFIED_TO_BSP_PREMISE_UNVERIFIED = 114,
      BLUE_MSG_BSP_FB_VERIFIED_TO_SELF_FB_UNVERIFIED = 115,
      BLUE_MSG_SELF_FB_UNVERIFIED_TO_BSP_PREMISE_VERIFIED = 116,
      BLUE_MSG_SELF_FB_VERIFIED_TO_BSP_PREMISE_UNVERIFIED = 117,
      E2E_IDENTITY_UNAVAILABLE = 118,
      GROUP_CREATING = 119,
      GROUP_CREATE_FAILED = 120,
      GROUP_BOUNCED = 121,
      BLOCK_CONTACT = 122,
      EPHEMERAL_SETTING_NOT_APPLIED = 123,
      SYNC_FAILED = 124,
      SYNCING = 125,
      BIZ_PRIVACY_MODE_INIT_FB = 126,
      BIZ_PRIVACY_MODE_INIT_BSP = 127,
      BIZ_PRIVACY_MODE_TO_FB = 128,
      BIZ_PRIVACY_MODE_TO_BSP = 129,
      DISAPPEARING_MODE = 130,
      E2E_DEVICE_FETCH_FAILED = 131,
      ADMIN_REVOKE = 132,
      GROUP_INVITE_LINK_GROWTH_LOCKED = 133,
      COMMUNITY_LINK_PARENT_GROUP = 134,
      COMMUNITY_LINK_SIBLING_GROUP = 135,
      COMMUNITY_LINK_SUB_GROUP = 136,
      COMMUNITY_UNLINK_PARENT_GROUP = 137,
      COMMUNITY_UNLINK_SIBLING_GROUP = 138,
      COMMUNITY_UNLINK_SUB_GROUP = 139,
      GROUP_PARTICIPANT_ACCEPT = 140,
      GROUP_PARTICIPANT_LINKED_GROUP_JOIN = 141,
      COMMUNITY_CREATE = 142,
      EPHEMERAL_KEEP_IN_CHAT = 143,
      GROUP_MEMBERSHIP_JOIN_APPROVAL_REQUEST = 144,
      GROUP_MEMBERSHIP_JOIN_APPROVAL_MODE = 145,
      INTEGRITY_UNLINK_PARENT_GROUP = 146,
      COMMUNITY_PARTICIPANT_PROMOTE = 147,
      COMMUNITY_PARTICIPANT_DEMOTE = 148,
      COMMUNITY_PARENT_GROUP_DELETED = 149,
      COMMUNITY_LINK_PARENT_GROUP_MEMBERSHIP_APPROVAL = 150,
      GROUP_PARTICIPANT_JOINED_GROUP_AND_PARENT_GROUP = 151,
      MASKED_THREAD_CREATED = 152,
      MASKED_THREAD_UNMASKED = 153,
      BIZ_CHAT_ASSIGNMENT = 154,
      CHAT_PSA = 155,
      CHAT_POLL_CREATION_MESSAGE = 156,
      CAG_MASKED_THREAD_CREATED = 157,
      COMMUNITY_PARENT_GROUP_SUBJECT_CHANGED = 158,
      CAG_INVITE_AUTO_ADD = 159,
      BIZ_CHAT_ASSIGNMENT_UNASSIGN = 160,
      CAG_INVITE_AUTO_JOINED = 161,
      SCHEDULED_CALL_START_MESSAGE = 162,
      COMMUNITY_INVITE_RICH = 163,
      COMMUNITY_INVITE_AUTO_ADD_RICH = 164,
      SUB_GROUP_INVITE_RICH = 165,
      SUB_GROUP_PARTICIPANT_ADD_RICH = 166,
      COMMUNITY_LINK_PARENT_GROUP_RICH = 167,
      COMMUNITY_PARTICIPANT_ADD_RICH = 168,
      SILENCED_UNKNOWN_CALLER_AUDIO = 169,
      SILENCED_UNKNOWN_CALLER_VIDEO = 170,
      GROUP_MEMBER_ADD_MODE = 171,
      GROUP_MEMBERSHIP_JOIN_APPROVAL_REQUEST_NON_ADMIN_ADD = 172,
      COMMUNITY_CHANGE_DESCRIPTION = 173,
      SENDER_INVITE = 174,
      RECEIVER_INVITE = 175,
      COMMUNITY_ALLOW_MEMBER_ADDED_GROUPS = 176,
      PINNED_MESSAGE_IN_CHAT = 177,
      PAYMENT_INVITE_SETUP_INVITER = 178,
      PAYMENT_INVITE_SETUP_INVITEE_RECEIVE_ONLY = 179,
      PAYMENT_INVITE_SETUP_INVITEE_SEND_AND_RECEIVE = 180,
      LINKED_GROUP_CALL_START = 181,
      REPORT_TO_ADMIN_ENABLED_STATUS = 182,
      EMPTY_SUBGROUP_CREATE = 183,
      SCHEDULED_CALL_CANCEL = 184,
      SUBGROUP_ADMIN_TRIGGERED_AUTO_ADD_RICH = 185,
      GROUP_CHANGE_RECENT_HISTORY_SHARING = 186,
      PAID_MESSAGE_SERVER_CAMPAIGN_ID = 187,
      GENERAL_CHAT_CREATE = 188,
      GENERAL_CHAT_ADD = 189,
      GENERAL_CHAT_AUTO_ADD_DISABLED = 190,
      SUGGESTED_SUBGROUP_ANNOUNCE = 191,
      BIZ_BOT_1P_MESSAGING_ENABLED = 192,
      CHANGE_USERNAME = 193,
      BIZ_COEX_PRIVACY_INIT_SELF = 194,
      BIZ_COEX_PRIVACY_TRANSITION_SELF = 195,
      SUPPORT_AI_EDUCATION = 196,
      BIZ_BOT_3P_MESSAGING_ENABLED = 197,
      REMINDER_SETUP_MESSAGE = 198,
      REMINDER_SENT_MESSAGE = 199,
      REMINDER_CANCEL_MESSAGE = 200,
      BIZ_COEX_PRIVACY_INIT = 201,
      BIZ_COEX_PRIVACY_TRANSITION = 202,
      GROUP_DEACTIVATED = 203,
      COMMUNITY_DEACTIVATE_SIBLING_GROUP = 204,
      EVENT_UPDATED = 205,
      EVENT_CANCELED = 206,
      COMMUNITY_OWNER_UPDATED = 207,
      COMMUNITY_SUB_GROUP_VISIBILITY_HIDDEN = 208,
      CAPI_GROUP_NE2EE_SYSTEM_MESSAGE = 209,
      STATUS_MENTION = 210,
      USER_CONTROLS_SYSTEM_MESSAGE = 211,
      SUPPORT_SYSTEM_MESSAGE = 212,
      CHANGE_LID = 213,
      BIZ_CUSTOMER_3PD_DATA_SHARING_OPT_IN_MESSAGE = 214,
      BIZ_CUSTOMER_3PD_DATA_SHARING_OPT_OUT_MESSAGE = 215,
      CHANGE_LIMIT_SHARING = 216,
      GROUP_MEMBER_LINK_MODE = 217,
      BIZ_AUTOMATICALLY_LABELED_CHAT_SYSTEM_MESSAGE = 218,
      PHONE_NUMBER_HIDING_CHAT_DEPRECATED_MESSAGE = 219,
      QUARANTINED_MESSAGE = 220,
      GROUP_MEMBER_SHARE_GROUP_HISTORY_MODE = 221,
      GROUP_OPEN_BOT_ADDED = 222,
      GROUP_TEE_BOT_ADDED = 223,
      CONTACT_INFO = 224,
      SCHEDULED_MESSAGE_CREATED = 225,
      IDENTITY_TRUST_MARKED = 226,
      IDENTITY_TRUST_UNMARKED = 227,
      IDENTITY_TRUST_REVOKED = 228,
      CTWA_CONSUMER_DISCLOSURE = 230,
    }
  }
  interface IWebMessageInfoWithMessageBytes {
    key?: proto.IMessageKey | null | undefined
    messageBytes?: Uint8Array | null | undefined
  }
  interface WebMessageInfoWithMessageBytes extends IWebMessageInfoWithMessageBytes {}
  class WebMessageInfoWithMessageBytes extends Kind<IWebMessageInfoWithMessageBytes> {}
  interface IWebNotificationsInfo {
    timestamp?: number | Long | null | undefined
    unreadChats?: number | null | undefined
    notifyMessageCount?: number | null | undefined
    notifyMessages?: proto.IWebMessageInfo[] | null | undefined
  }
  interface WebNotificationsInfo extends IWebNotificationsInfo {}
  class WebNotificationsInfo extends Kind<IWebNotificationsInfo> {
    notifyMessages: proto.IWebMessageInfo[]
  }
  interface IBotAvatarMetadata {
    sentiment?: number | null | undefined
    behaviorGraph?: string | null | undefined
    action?: number | null | undefined
    intensity?: number | null | undefined
    wordCount?: number | null | undefined
  }
  interface BotAvatarMetadata extends IBotAvatarMetadata {}
  class BotAvatarMetadata extends Kind<IBotAvatarMetadata> {}
}
