# سجل الأشخاص: ما الذي حدث والخطوة التالية.

problem-identity-entry = لا يمكن حفظ بعض الإجابات كما هي.
problem-identity-entry-next = صحّح الحقول المشار إليها ثم أعد الإرسال.
problem-identity-key-missing = لا يحمل الطلب مفتاح عدم التكرار، فقد يؤدي إرساله مرتين إلى تسجيل الشخص مرتين.
problem-identity-key-missing-next = اختر مفتاحًا من 1 إلى 200 حرف لكل عملية، وأرسل المفتاح نفسه عند إعادة المحاولة.
problem-identity-key-used = سبق استعمال مفتاح عدم التكرار هذا لطلب آخر.
problem-identity-key-used-next = اختر مفتاحًا جديدًا لهذا الطلب.
problem-identity-candidates = يوجد في السجل شخص شديد الشبه.
problem-identity-candidates-next = قارن بينهما. إن كانا شخصين فاذكر السبب وسجّل، وإن كانا شخصًا واحدًا فصحّح السجل الموجود.
problem-identity-reason = يلزم ذكر سبب من 1 إلى 500 حرف.
problem-identity-reason-next = اكتب في جملة سبب ذلك. يستطيع صاحب السجل قراءته.
problem-identity-evidence = المستند المعتمد عليه غير مذكور أو يتجاوز 500 حرف.
problem-identity-evidence-next = اذكر الوثيقة أو الشخص الذي يشهد.
problem-identity-unknown = لا يوجد هذا الشخص في السجل، أو مُحيت بياناته.
problem-identity-unknown-next = أعد البحث.
problem-identity-changed = غيّر شخص آخر هذا السجل في هذه الأثناء.
problem-identity-changed-next = افتح السجل من جديد وانظر إلى التغيير ثم صحّح.
problem-identity-unchanged = لا يختلف شيء عما هو مسجل.
problem-identity-unchanged-next = غيّر ما هو خطأ أو غادر الصفحة.
problem-identity-numbers-out = لم يُعثر على رقم متاح. لم يُسجل أي شيء.
problem-identity-numbers-out-next = حاول مرة أخرى. إن تكرر ذلك فأخبر المشغّل.
problem-identity-search-attributes = يحتاج البحث إلى معلومتين عن الشخص.
problem-identity-search-attributes-next = اذكر الاسم مع سنة الولادة أو مكانها، أو رقمًا مع معلومة أخرى.
problem-identity-search-many = يطابق البحث أكثر من 20 شخصًا، فلا يُعرض أحد.
problem-identity-search-many-next = أضف تاريخ الولادة كاملًا أو المكان أو جزءًا آخر من الاسم.
problem-identity-card-none = لا يملك هذا الشخص بطاقة سارية.
problem-identity-card-none-next = أصدر بطاقة جديدة أولًا.
problem-identity-photo = هذا الملف ليس صورة يمكن حفظها.
problem-identity-photo-next = أرسل صورة JPEG أو PNG، أو تابع بلا صورة.
problem-identity-erase-payload = تغيّر السجل بعد طلب المحو.
problem-identity-erase-payload-next = انظر في السجل من جديد وقدّم طلبًا جديدًا.
problem-identity-import-running = يجري استيراد هذا الملف بجدول مطابقة آخر أو بعملية أخرى.
problem-identity-import-running-next = تابع بجدول المطابقة الذي بدأ به، أو دع العملية الأخرى تنتهي.
problem-identity-import-done = سبق استيراد هذا الملف.
problem-identity-import-done-next = ضع الأسطر المرفوضة بعد تصحيحها في ملف جديد واستورده.

# أخطاء الحقول.
identity-fault-name-empty = اكتب الاسم أو جزءًا منه
identity-fault-name-long = اكتب 200 حرف على الأكثر
identity-fault-name-letter = اكتب الاسم بحرف واحد على الأقل
identity-fault-name-invisible = أعد كتابة الاسم: فيه رمز تحكم غير مرئي
identity-fault-name-sign = احذف العلامات التي لا تنتمي إلى اسم، مثل < أو =
identity-fault-name-damaged = أعد كتابة الاسم: فقد تضرر في الطريق
identity-fault-name-marks = أعد كتابة الاسم: علامات كثيرة على حرف واحد
identity-fault-other-names-many = احتفظ بستة أسماء أخرى على الأكثر
identity-fault-number-length = أعد عدّ الأرقام: طول الرقم غير صحيح
identity-fault-number-character = اكتب أرقامًا فقط
identity-fault-number-check = قارن الرقم بالبطاقة: رقم خاطئ أو رقمان متبادلان
identity-fault-date-form = اكتب التاريخ بالسنة والشهر واليوم، أو ما هو معروف منها فقط
identity-fault-date-calendar = صحّح التاريخ: لا يوجد هذا اليوم في التقويم
identity-fault-date-future = صحّح التاريخ: إنه في المستقبل
identity-fault-died-before-born = صحّح أحد التاريخين: الوفاة قبل الولادة
identity-fault-choice = اختر إحدى إجابات القائمة
identity-fault-place = اختر مكانًا من القائمة
identity-fault-address-lines = اكتب خمسة أسطر على الأكثر
identity-fault-text-long = اكتب 120 حرفًا على الأكثر
identity-fault-text-invisible = أعد الكتابة: فيها رمز تحكم غير مرئي
identity-fault-text-damaged = أعد الكتابة: فقد تضرر النص في الطريق
identity-fault-text-marks = أعد الكتابة: علامات كثيرة على حرف واحد
identity-fault-phone = اكتب رقم هاتف من 3 إلى 15 رقمًا
identity-fault-email = اكتب عنوان بريد إلكتروني، مثل name@example.org
identity-fault-language = اختر لغة من القائمة
identity-fault-photo = أعد إرسال الصورة

# لماذا قد يكون الشخص مسجلًا.
identity-duplicate-exact = الاسم نفسه وتاريخ الولادة نفسه
identity-duplicate-phonetic = اسمان متشابهان في النطق وتاريخ الولادة نفسه
identity-duplicate-date-key = تاريخ الولادة ومكانها متطابقان، واسمان متشابها البداية
identity-duplicate-near-date = الاسم نفسه، وتاريخا ولادة يختلفان اختلاف الأخطاء

# البطاقات والشهادات.
identity-paper-card = بطاقة هوية
identity-paper-certificate = شهادة تسجيل
identity-paper-number = الرقم
identity-paper-issued = صدرت في
identity-paper-valid-until = صالحة إلى
identity-paper-check = يستطيع أي شخص التحقق من هذه الوثيقة بلا شبكة: اقرأ الرمز وأعط نصه لأداة التحقق.
identity-paper-code = رمز يحمل محتوى هذه الوثيقة موقَّعًا
identity-paper-photo = صورة صاحب الوثيقة
identity-paper-unknown = غير معروف
identity-paper-name = الاسم
identity-paper-other-name = اسم آخر
identity-paper-born = تاريخ الولادة
identity-paper-sex = الجنس
identity-paper-birth-place = مكان الولادة
identity-sex-female = أنثى
identity-sex-male = ذكر
identity-sex-other = غير ذلك
