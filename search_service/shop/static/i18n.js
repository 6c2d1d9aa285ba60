// The page's own words in both languages. `{name}` is filled in; what the service says comes in both anyway.

import { keep, kept } from "./store.js";

const WORDS = {
  "skip": ["Skip to results", "跳到结果"],
  "language": ["Language", "语言"],
  "search.label": ["Part name, part number, or symptom", "配件名称、配件号或故障"],
  "search.placeholder": ["Brake pads, 04465-02220, 雨刷…", "刹车皮、机滤、04465-02220…"],
  "search.go": ["Search", "搜索"],
  "search.suggestions": ["Suggestions", "搜索建议"],
  "suggest.part_types": ["Parts", "配件"],
  "suggest.queries": ["Searches", "搜索"],
  "suggest.parts": ["Products", "商品"],
  "suggest.vehicles": ["Vehicles", "车型"],
  "vehicle.any": ["car", "您的车"],
  "vehicle.title": ["Your vehicle", "我的车"],
  "vehicle.lead": ["Tell us the car once, and every part says whether it fits.", "选一次车型，每个配件都会告诉你能不能装。"],
  "vehicle.make": ["Make", "品牌"],
  "vehicle.model": ["Model", "车型"],
  "vehicle.year": ["Year", "年款"],
  "vehicle.engine": ["Engine", "发动机"],
  "vehicle.choose": ["Choose", "请选择"],
  "vehicle.unsure": ["Not sure", "不确定"],
  "vehicle.use": ["Use this vehicle", "用这辆车"],
  "vehicle.byModel": ["By model", "选车型"],
  "vehicle.byVin": ["By VIN", "车架号"],
  "vehicle.vin": ["VIN, 17 characters", "车架号（VIN），17 位"],
  "vehicle.vinHint": ["On the registration card, or behind the windscreen on the driver's side. It stays in this browser.", "在行驶证上，或主驾前挡风玻璃左下角。只保存在本浏览器。"],
  "vehicle.decode": ["Check VIN", "查询"],
  "vehicle.change": ["Change", "更换"],
  "vehicle.add": ["Add a vehicle", "添加车辆"],
  "vehicle.missing": ["Choose your car, and every part says whether it fits.", "选择车型，即可判断每个配件是否适配。"],
  "vehicle.pick": ["Choose vehicle", "选择车型"],
  "vehicle.none": ["Search without a vehicle", "不限车型"],
  "vehicle.cancel": ["Cancel", "取消"],
  "vehicle.remove": ["Remove {name}", "删除 {name}"],
  "vehicle.garage": ["Garage", "车库"],
  "vehicle.forget": ["Forget this answer: {name}", "撤销回答：{name}"],
  "vehicle.rows": ["{n} versions possible", "可能有 {n} 个版本"],
  "vin.valid": ["Valid VIN", "车架号有效"],
  "vin.invalid": ["This VIN has a mistake", "车架号有误"],
  "vin.position": ["position {n}", "第 {n} 位"],
  "vin.try": ["Did you mean", "是不是"],
  "vin.none": ["We know this VIN's maker, but no vehicle in the catalogue matches it. Choose the model instead.", "能识别厂家，但目录里没有对应车型，请改为选择车型。"],
  "vin.fromVin": ["from VIN", "由车架号识别"],
  "fit.fits": ["Fits", "适配"],
  "fit.universal": ["Fits any car", "通用件"],
  "fit.needs_info": ["One more answer needed", "还需确认"],
  "fit.no_data": ["No fitment data", "暂无适配数据"],
  "fit.does_not_fit": ["Does not fit", "不适配"],
  "band.fits": ["Fits your {name}", "适配 {name}"],
  "band.universal": ["Fits any car", "通用件"],
  "band.needs_info": ["Needs one more answer", "还需一个答案"],
  "band.no_data": ["No fitment data", "暂无适配数据"],
  "band.does_not_fit": ["Does not fit", "不适配"],
  "fit.why": ["Why?", "为什么？"],
  "fit.whyNot": ["Why not?", "为什么不行？"],
  "fit.quantity": ["{n} per car", "每车 {n} 件"],
  "fit.asks": ["asks for {value}", "要求 {value}"],
  "fit.excludes": ["not with {value}", "不含 {value}"],
  "fit.has": ["yours: {value}", "你的车：{value}"],
  "fit.hasUnknown": ["yours: not known", "你的车：未知"],
  "fit.match": ["match", "符合"],
  "fit.mismatch": ["mismatch", "不符"],
  "fit.unknown": ["unknown", "未知"],
  "fit.everyVersion": ["every version of this vehicle", "此车型的所有版本"],
  "fit.source": ["source", "来源"],
  "fit.from": ["from {value}", "{value} 起"],
  "fit.to": ["until {value}", "至 {value}"],
  "fit.conflict": ["Sources disagree", "数据来源有冲突"],
  "question.title": ["One answer sorts this out", "回答一个问题就能确定"],
  "question.unknown": ["I don't know", "不知道"],
  "question.fit": ["{n} here fit", "本页 {n} 件适配"],
  "question.open": ["{n} still open", "{n} 件待定"],
  "question.not": ["none here fits", "本页都不适配"],
  "question.answer": ["Answer", "确定"],
  "price.none": ["Price on request", "价格待询"],
  "price.was": ["was {price}", "原价 {price}"],
  "stock.online": ["In stock", "有货"],
  "stock.few": ["Only {n} left", "仅剩 {n} 件"],
  "stock.none": ["Not in stock online", "线上缺货"],
  "stock.unknown": ["Stock not known", "库存未知"],
  "stock.store": ["{n} at {store}", "{store} 有 {n} 件"],
  "stock.unnamed": ["store {id}", "门店 {id}"],
  "stock.distance": ["{n} km", "{n} 公里"],
  "stock.install": ["fitting on site", "可到店安装"],
  "cart": ["Cart", "购物车"],
  "cart.add": ["Add to cart", "加入购物车"],
  "cart.added": ["{name} is in the cart", "{name} 已加入购物车"],
  "cart.empty": ["The cart is empty.", "购物车是空的。"],
  "cart.remove": ["Remove {name}", "删除 {name}"],
  "cart.total": ["Total", "合计"],
  "cart.buy": ["Place demo order", "提交演示订单"],
  "cart.bought": ["Thank you. Nothing was charged: this is a demo shop.", "谢谢！这是演示商店，不会扣款。"],
  "cart.unchecked": ["fit not checked", "未核对适配"],
  "close": ["Close", "关闭"],
  "results.count": ["{n} parts", "{n} 件配件"],
  "results.one": ["1 part", "1 件配件"],
  "results.for": ["for “{q}”", "“{q}”"],
  "results.none": ["Nothing found", "没有找到"],
  "results.noneHint": ["Try fewer words, another name for the part, or a part number.", "换个叫法、少写几个字，或者输入配件号试试。"],
  "results.noneFits": ["Nothing here fits this vehicle", "没有适配这辆车的配件"],
  "results.more": ["Show more", "显示更多"],
  "results.loading": ["Searching…", "正在搜索…"],
  "results.filters": ["Filters", "筛选"],
  "results.clear": ["Clear filters", "清除筛选"],
  "results.sort": ["Sort", "排序"],
  "results.show": ["Show", "显示"],
  "results.hidden": ["Not shown:", "未显示："],
  "results.hidden.needs_info": ["{n} that need an answer", "{n} 件待确认"],
  "results.hidden.no_data": ["{n} without fitment data", "{n} 件无适配数据"],
  "results.hidden.does_not_fit": ["{n} that do not fit", "{n} 件不适配"],
  "results.showAll": ["Show them too", "全部显示"],
  "results.hide": ["Hide them again", "只看可能适配的"],
  "sort.relevance": ["Best match", "综合"],
  "sort.price_asc": ["Price, low to high", "价格从低到高"],
  "sort.price_desc": ["Price, high to low", "价格从高到低"],
  "sort.newest": ["Newest", "最新上架"],
  "sort.distance": ["Nearest first", "距离最近"],
  "mode.default": ["What can fit", "可能适配"],
  "mode.strict": ["Only what surely fits", "确定适配"],
  "mode.all": ["Everything", "全部"],
  "available": ["Availability", "库存"],
  "available.": ["Any", "不限"],
  "available.online": ["In stock online", "线上有货"],
  "available.any": ["In stock somewhere", "任意门店有货"],
  "place": ["Near", "附近"],
  "place.none": ["No place", "不选地点"],
  "place.here": ["My location", "我的位置"],
  "place.denied": ["The browser gave no location. Choose a city instead.", "无法获取位置，请选择城市。"],
  "facet.brand": ["Brand", "品牌"],
  "facet.part_type": ["Part", "配件"],
  "facet.category": ["Category", "分类"],
  "facet.position": ["Position", "安装位置"],
  "facet.quality": ["Quality", "品质"],
  "facet.price": ["Price", "价格"],
  "facet.more": ["{n} more", "更多 {n} 项"],
  "facet.remove": ["Remove filter: {name}", "移除筛选：{name}"],
  "text.corrected": ["Showing results for", "已显示"],
  "text.instead": ["Search instead for “{q}”", "仍然搜索“{q}”"],
  "text.understood": ["We read this as", "我们理解为"],
  "text.ignore": ["Not this: {name}", "不是这个：{name}"],
  "text.readings": ["Did you mean", "你是不是要找"],
  "text.suggestions": ["Related searches", "相关搜索"],
  "text.fromText": ["from your words", "来自搜索词"],
  "text.ignored": ["Taken out:", "已排除："],
  "ignored.vehicle": ["vehicle in the words", "搜索词中的车型"],
  "ignored.part_type": ["part in the words", "搜索词中的配件"],
  "ignored.position": ["position in the words", "搜索词中的位置"],
  "ignored.correction": ["correction", "纠错"],
  "relaxed": ["We widened the search", "已放宽搜索"],
  "apart.fits_other_words": ["Fits your vehicle, other words", "适配你的车，但名称不同"],
  "apart.words_other_vehicle": ["Matches the words, other vehicle", "名称符合，但不是这辆车"],
  "degraded": ["Part of the shop is resting ({what}). Results may be less personal or complete.", "部分功能暂不可用（{what}），结果可能不够完整。"],
  "error.offline": ["The shop cannot be reached. Check the connection and try again.", "无法连接商店，请检查网络后重试。"],
  "error.busy": ["The shop is starting or very busy. Try again in a moment.", "商店正在启动或繁忙，请稍后再试。"],
  "error.title": ["That did not work", "出错了"],
  "error.retry": ["Try again", "重试"],
  "home.title": ["Parts that fit. For sure.", "买对配件，一次装上。"],
  "home.browse": ["Browse", "分类浏览"],
  "home.for_vehicle": ["For your {name}", "为 {name} 推荐"],
  "home.popular": ["Popular now", "热门配件"],
  "home.for_you": ["For you", "猜你喜欢"],
  "home.parts": ["{n} parts", "{n} 件"],
  "part.vehicles": ["Fits these vehicles", "适用车型"],
  "part.numbers": ["Other numbers", "替代号码"],
  "part.similar": ["Similar parts", "相似配件"],
  "part.together": ["Often bought together", "经常一起购买"],
  "part.details": ["Details", "参数"],
  "part.open": ["Details of {name}", "{name} 详情"],
  "number.oe": ["Original", "原厂"],
  "number.equivalent": ["Equivalent", "可替代"],
  "number.supersedes": ["Replaces", "替代旧号"],
  "number.superseded_by": ["Replaced by", "新号"],
  "number.trade": ["Trade number", "商品号"],
  "personal": ["Personal order, from what I click and buy", "按我的浏览和购买个性化排序"],
  "foot.privacy": ["Vehicles and the cart are kept in this browser only.", "车辆和购物车只保存在本浏览器中。"],
  "foot.api": ["API", "接口文档"],
  "foot.console": ["Merchandiser's console", "运营控制台"],
  "attr.make": ["make", "品牌"], "attr.model": ["model", "车型"], "attr.year": ["year", "年款"], "attr.years": ["years", "年款"],
  "attr.engine": ["engine", "发动机"], "attr.displacement_l": ["displacement (l)", "排量(升)"], "attr.cylinders": ["cylinders", "气缸数"],
  "attr.fuel": ["fuel", "燃料"], "attr.aspiration": ["aspiration", "进气方式"], "attr.power_kw": ["power (kW)", "功率(kW)"],
  "attr.transmission": ["gearbox", "变速箱"], "attr.drive": ["drive", "驱动方式"], "attr.body": ["body", "车身"], "attr.doors": ["doors", "车门数"],
  "attr.trim": ["trim", "配置"], "attr.region": ["market", "市场"], "attr.built": ["build date", "生产日期"],
  "attr.vin_serial": ["serial number", "车架号序号"], "attr.note": ["note", "备注"], "attr.position": ["position", "位置"], "attr.vehicle_id": ["version", "具体版本"],
  "value.yes": ["Yes", "是"], "value.no": ["No", "否"],
  "value.front": ["front", "前"], "value.rear": ["rear", "后"], "value.left": ["left", "左"], "value.right": ["right", "右"],
  "value.upper": ["upper", "上"], "value.lower": ["lower", "下"], "value.inner": ["inner", "内"], "value.outer": ["outer", "外"],
};

const column = { en: 0, zh: 1 };
let current = kept("lang") ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
if (!(current in column)) current = "en";

export const lang = () => current;

export function setLang(next) {
  current = next;
  keep("lang", next);
}

/** The words for `key`; unknown keys come back as they are. */
export function t(key, values = {}) {
  const words = WORDS[key];
  if (!words) return key;
  return words[column[current]].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const known = (key) => key in WORDS;

/** A text of the service: a plain string, or one per language. */
export function say(text) {
  if (text === null || text === undefined) return "";
  if (typeof text !== "object") return String(text);
  return text[current] || text.en || text.zh || Object.values(text).find(Boolean) || "";
}

// Dimensions of parts, in Chinese; in English their names say it themselves.
const DIMENSIONS = {
  "length": "长", "diameter": "直径", "height": "高", "width": "宽", "volume": "容量", "thickness": "厚", "viscosity": "粘度", "technology": "工艺",
  "heat range": "热值", "gap": "间隙", "material": "材质", "bore": "缸径", "socket": "接口", "size": "尺寸", "freezing": "冰点", "ribs": "楔数",
  "pressure": "压力", "grade": "等级", "piston": "活塞直径", "outer": "外径", "inner": "内径", "capacity": "容量", "cca": "冷启动电流", "power": "功率",
  "grooves": "槽数", "opening": "开启温度", "spec": "规格", "thread": "螺纹", "splines": "花键数", "force": "力", "core width": "芯体宽", "core height": "芯体高",
  "taper": "锥度", "output": "输出", "type": "型式", "rating": "额定电流", "links": "节数", "wire": "线径", "frequency": "频率", "flow": "流量",
  "code": "代码", "tone": "音调", "mass": "质量", "voltage": "电压", "contacts": "触点数", "current": "电流", "teeth": "齿数",
};
const UNITS = { mm: "mm", cm: "cm", in: "in", kg: "kg", g: "g", l: "L", ml: "ml", cc: "cc", v: "V", w: "W", a: "A", ah: "Ah", kw: "kW", nm: "Nm", n: "N", bar: "bar", c: "°C", mhz: "MHz", pct: "%" };

function plainName(name) {
  const words = name.split("_");
  const unit = words.length > 1 ? UNITS[words.at(-1)] : undefined;
  const plain = words.slice(0, unit ? -1 : undefined).join(" ");
  return ((current === "zh" && DIMENSIONS[plain]) || plain) + (unit ? ` (${unit})` : "");
}

/** An attribute's name where the page knows it, else as it came, with its unit set apart: `width_mm` is "width (mm)". */
export const attributeName = (name) => (name.startsWith("note:") ? t("attr.note") : known(`attr.${name}`) ? t(`attr.${name}`) : plainName(name));
export const valueName = (value) => (known(`value.${value}`) ? t(`value.${value}`) : String(value));

/** "front left" in the reader's language. */
export const placeName = (place) => place.split(/\s+/).map(valueName).join(current === "zh" ? "" : " ");

export function money(price) {
  if (!price || typeof price.amount !== "number") return "";
  try {
    return new Intl.NumberFormat(current === "zh" ? "zh-CN" : "en", { style: "currency", currency: price.currency, currencyDisplay: "narrowSymbol" }).format(price.amount);
  } catch {
    return `${price.amount} ${price.currency ?? ""}`.trim();
  }
}

export const number = (n) => new Intl.NumberFormat(current === "zh" ? "zh-CN" : "en").format(n);

/** Put the words into the fixed part of the page. */
export function translatePage(root = document) {
  document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-placeholder]")) element.placeholder = t(element.dataset.tPlaceholder);
  for (const element of root.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
}
